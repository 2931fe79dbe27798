//! Files that people have, and what is wrong with those that cannot be used.

use super::Credentials;

#[test]
fn every_profile_with_a_key_may_sign() {
    let text = "# mine\n[default]\naws_access_key_id=AKIA1\naws_secret_access_key = s=cr/et+1 \n\n; theirs\n[other]\n\
                region = eu-west-1\naws_access_key_id = AKIA2\nAWS_SECRET_ACCESS_KEY = two\naws_session_token = token\n\
                s3 =\n    max_concurrent_requests\n[role]\nrole_arn = arn:aws:iam::123456789012:role/r\n";
    let credentials = Credentials::parse(text).unwrap();
    let one = credentials.secret("AKIA1").unwrap();
    assert_eq!((one.key.as_str(), one.token.as_deref()), ("s=cr/et+1", None));
    let two = credentials.secret("AKIA2").unwrap();
    assert_eq!((two.key.as_str(), two.token.as_deref()), ("two", Some("token")));
    assert!(credentials.secret("AKIA3").is_none());
}

#[test]
fn what_is_wrong_is_told_by_its_line_and_without_the_secret() {
    for (text, told) in [
        ("", "no profile has"),
        ("[default]\nregion = x\n", "no profile has"),
        ("aws_access_key_id = A\n", "line 1: expected a profile"),
        ("[default\naws_access_key_id = A\n", "line 1: `[` without `]`"),
        ("[a]\naws_access_key_id = A\n", "line 1: profile [a] has no aws_secret_access_key"),
        ("\n[a]\naws_secret_access_key = hush\n", "line 2: profile [a] has no aws_access_key_id"),
        (
            "[a]\naws_access_key_id = A\naws_secret_access_key =\n",
            "line 1: profile [a] has no aws_secret_access_key",
        ),
        ("[a]\naws_access_key_id = A\nhush\n", "line 3: expected NAME = VALUE in profile [a]"),
        (
            "[a]\naws_access_key_id = A\naws_secret_access_key = hush\n[b]\naws_access_key_id = A\naws_secret_access_key = other\n",
            "line 4: profile [b] has the access key ID A of another one",
        ),
    ] {
        let error = Credentials::parse(text).unwrap_err();
        assert!(error.contains(told), "{text:?}: {error}");
        assert!(!error.contains("hush"), "{error}");
    }
}

#[test]
fn no_secret_is_in_its_debug_form() {
    let credentials =
        Credentials::parse("[a]\naws_access_key_id = A1\naws_secret_access_key = hush\n").unwrap();
    let shown = format!("{credentials:?}");
    assert!(shown.contains("A1") && !shown.contains("hush"), "{shown}");
}
