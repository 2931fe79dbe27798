use super::*;

/// Three users in all datasets, in both origins.
fn stocked() -> Rig {
    let rig = Rig::new();
    rig.objects.put("b/users.csv", "USER_ID,AGE\nu1,1\nu2,2\nu3,3\n");
    rig.objects.put("b/interactions.csv", "USER_ID,ITEM_ID,TIMESTAMP,DEVICE\nu1,i1,1,\nu2,i1,2,\nu4,i1,2,\n");
    rig.run("users", full("USERS", "s3://b/users.csv")).unwrap();
    rig.run("interactions", full("INTERACTIONS", "s3://b/interactions.csv")).unwrap();
    rig.put("shop/users", vec![record! { "USER_ID" => "u1", "AGE" => 9 }]);
    rig.put("shop/interactions", vec![interaction("u1", "i2", 3), interaction("u3", "i2", 4)]);
    rig
}

#[test]
fn users_of_a_folder_and_those_below_it_are_deleted_with_all_they_did() {
    let rig = stocked();
    rig.objects.put("b/gone/1.csv", "USER_ID\nu1\nu1\nnobody\n");
    rig.objects.put("b/gone/deeper/yet/2.CSV", "USER_ID\n\"u4\"\n");
    rig.objects.put("b/gone/readme.txt", "users to delete");
    let record = rig.run("job", deletion("s3://b/gone/")).unwrap();
    assert_eq!((record.job.num_deleted, record.job.status()), (Some(2), "COMPLETED"));
    assert_eq!(rig.rows("shop/users"), ["u2,2", "u3,3"]);
    assert_eq!(rig.rows("shop/interactions"), ["u2,i1,2,", "u3,i2,4,view"]);
    rig.objects.put("b/one.csv", "USER_ID\nu3\n");
    assert_eq!(rig.run("one", deletion("s3://b/one.csv")).unwrap().job.num_deleted, Some(1));
    assert_eq!(rig.run("again", deletion("s3://b/one.csv")).unwrap().job.num_deleted, Some(0));
    assert_eq!(rig.rows("shop/interactions"), ["u2,i1,2,"]);
}

#[test]
fn a_list_that_is_none_deletes_nobody() {
    let rig = stocked();
    rig.objects.put("b/wide.csv", "USER_ID,NAME\nu1,x\n");
    rig.objects.put("b/other.csv", "ID\nu1\n");
    rig.objects.put("b/none.csv", "USER_ID\n");
    rig.objects.put("b/quote.csv", "USER_ID\nu1\n\"u2\n");
    rig.objects.put("b/denied.csv", "USER_ID\nu1\n");
    rig.objects.put("b/texts/a.txt", "USER_ID\nu1\n");
    rig.objects.deny("b/denied.csv");
    let version = rig.rows("shop/users");
    for (name, location, part) in [
        ("wide", "s3://b/wide.csv", "single column USER_ID; there is also NAME"),
        ("other", "s3://b/other.csv", "USER_ID"),
        ("none", "s3://b/none.csv", "no record"),
        ("quote", "s3://b/quote.csv", "s3://b/quote.csv:3"),
        ("denied", "s3://b/denied.csv", "Insufficient privileges for accessing data in Amazon S3."),
        ("texts", "s3://b/texts/", "no object that ends in .csv"),
        ("absent", "s3://b/absent/", "s3://b/absent/"),
        ("web", "https://b/users.csv", "Invalid Data location."),
    ] {
        let reason = rig.run(name, deletion(location)).unwrap_err();
        assert!(reason.contains(part), "{name}: {reason}");
        assert!(!reason.contains("--"), "options of the command line help nobody here: {reason}");
    }
    assert_eq!(rig.rows("shop/users"), version);
    let record = rig.record(&ResourceId::new(Kind::DeletionJob, "wide"));
    assert_eq!((record.job.status(), record.job.num_deleted), ("FAILED", None));
}
