use super::*;

fn caller(region: &str) -> Caller {
    Caller { region: region.to_owned(), request_id: "r".to_owned() }
}

#[test]
fn forms_are_those_of_the_service() {
    let (settings, caller) = (Settings::default(), caller("us-east-1"));
    let arns = Arns::new(&settings, &caller);
    let items = ResourceId::dataset("shop", restock::DatasetType::ActionInteractions);
    assert_eq!(
        arns.of(&items),
        "arn:aws:personalize:us-east-1:123456789012:dataset/shop/ACTION_INTERACTIONS"
    );
    assert_eq!(
        arns.named(Kind::ImportJob, "daily"),
        "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/daily"
    );
}

#[test]
fn partition_region_and_account_are_not_compared() {
    let (settings, caller) = (Settings::default(), caller("eu-west-1"));
    let arns = Arns::new(&settings, &caller);
    for arn in ["arn:aws:personalize:us-east-1:1:schema/s", "arn:aws-cn:personalize:::schema/s"] {
        assert_eq!(arns.parse(arn), Ok(ResourceId::new(Kind::Schema, "s")));
    }
}

#[test]
fn fixed_region_and_account_are_compared_and_rendered() {
    let settings =
        Settings { region: Some("eu-west-1".into()), account: Some("42".into()), ..Settings::default() };
    let caller = caller("us-east-1");
    let arns = Arns::new(&settings, &caller);
    assert_eq!(arns.named(Kind::Schema, "s"), "arn:aws:personalize:eu-west-1:42:schema/s");
    assert!(arns.parse("arn:aws:personalize:eu-west-1:42:schema/s").is_ok());
    for arn in ["arn:aws:personalize:us-east-1:42:schema/s", "arn:aws:personalize:eu-west-1:43:schema/s"] {
        assert!(arns.parse(arn).is_err(), "{arn}");
    }
}

#[test]
fn another_kind_is_refused() {
    let (settings, caller) = (Settings::default(), caller("us-east-1"));
    let arns = Arns::new(&settings, &caller);
    let refusal = arns.parse_kind("arn:aws:personalize:r:1:schema/s", Kind::Dataset).unwrap_err();
    assert!(refusal.message.contains("dataset/<name>"), "{refusal}");
    assert!(arns.parse("arn:aws:personalize:r:1:nothing").is_err());
    assert!(arns.parse("arn:aws:s3:r:1:schema/s").is_err());
}
