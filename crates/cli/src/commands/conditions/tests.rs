use super::{Condition, until};

fn values(text: &str) -> Result<Vec<String>, String> {
    text.parse::<Condition>().map(|condition| condition.values)
}

#[test]
fn values_are_split_at_commas_outside_quotes() {
    assert_eq!("A=1".parse(), Ok(Condition { column: "A".into(), values: vec!["1".into()] }));
    assert_eq!(values("A=1,2").unwrap(), ["1", "2"]);
    assert_eq!(values("A=x=y").unwrap(), ["x=y"]);
    assert_eq!(values("A=").unwrap(), [""]);
    assert_eq!(values(r#"A="a,b",c,"say ""hi""""#).unwrap(), ["a,b", "c", r#"say "hi""#]);
    assert_eq!(values(r#"A=5" pipe"#).unwrap(), [r#"5" pipe"#]);
}

#[test]
fn what_is_no_condition_is_refused() {
    for text in ["A", "=1", r#"A="b"#, r#"A="b"c"#] {
        assert!(text.parse::<Condition>().is_err(), "{text}");
    }
}

#[test]
fn a_date_alone_includes_its_whole_day() {
    assert_eq!(until("1970-01-01"), Ok(86_399));
    assert_eq!(until("1970-01-01T00:00:00Z"), Ok(0));
    assert_eq!(until("1700000000"), Ok(1_700_000_000));
    assert!(until("yesterday").is_err());
}
