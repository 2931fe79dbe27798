//! Names of datasets, types, domains and limits, and names as people mean them.

use restock_schema::{DatasetName, DatasetType, Domain, Field, LimitSet, ValueType, normalise};

#[test]
fn dataset_names_are_a_name_with_or_without_group() {
    let plain = DatasetName::parse("items").unwrap();
    assert_eq!((plain.group(), plain.name(), plain.is_hidden()), (None, "items", false));
    let grouped: DatasetName = "shop/items-2_b".parse().unwrap();
    assert_eq!((grouped.group(), grouped.name()), (Some("shop"), "items-2_b"));
    assert_eq!(grouped.to_string(), "shop/items-2_b");
    DatasetName::parse(&"a".repeat(63)).unwrap();
}

#[test]
fn other_dataset_names_are_refused() {
    let long = "a".repeat(64);
    for bad in ["", "/", "a/", "/a", "a/b/c", "-a", "_a", "a b", "é", "a/-b", "a/.b", &long] {
        let error = DatasetName::parse(bad).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "dataset name {bad:?}: a dataset is NAME or GROUP/NAME, each of 1 to 63 letters, digits, \
                 underscores and hyphens, beginning with a letter or digit"
            )
        );
    }
}

#[test]
fn hidden_names_are_the_stores_own() {
    assert_eq!(
        DatasetName::parse(".jobs").unwrap_err().to_string(),
        "dataset name \".jobs\": names that begin with a dot are kept for the store itself"
    );
    for text in [".jobs", ".personalize/jobs"] {
        let hidden = DatasetName::hidden(text).unwrap();
        assert!(hidden.is_hidden());
        assert_eq!(hidden.to_string(), text);
        assert_eq!(serde_json::from_value::<DatasetName>(text.into()).unwrap(), hidden);
    }
    for bad in ["jobs", ".", "..", "./a", ".a/"] {
        DatasetName::hidden(bad).unwrap_err();
    }
    assert!(!DatasetName::parse("a").unwrap().is_hidden());
}

#[test]
fn dataset_names_are_text_in_serde_and_ordered_by_group() {
    let mut names: Vec<_> =
        ["b/a", "c", "a/z", "a/b", "a"].iter().map(|text| DatasetName::parse(text).unwrap()).collect();
    names.sort();
    assert_eq!(serde_json::to_string(&names).unwrap(), r#"["a","c","a/b","a/z","b/a"]"#);
    serde_json::from_str::<DatasetName>(r#""a b""#).unwrap_err();
}

#[test]
fn types_domains_and_limits_are_read_as_they_are_written() {
    for dataset_type in DatasetType::ALL {
        assert_eq!(dataset_type.to_string().parse(), Ok(dataset_type));
        assert_eq!(serde_json::to_value(dataset_type).unwrap(), dataset_type.as_str());
    }
    for domain in Domain::ALL {
        assert_eq!(domain.to_string().parse(), Ok(domain));
        assert_eq!(serde_json::to_value(domain).unwrap(), domain.as_str());
    }
    for limits in LimitSet::ALL {
        assert_eq!(limits.to_string().parse(), Ok(limits));
        assert_eq!(serde_json::to_value(limits).unwrap(), limits.as_str());
    }
    for value_type in ValueType::ALL {
        assert_eq!(serde_json::to_value(value_type).unwrap(), value_type.name());
    }
    assert_eq!("Action_Interactions".parse(), Ok(DatasetType::ActionInteractions));
    assert_eq!("VIDEO_ON_DEMAND".parse(), Ok(Domain::VideoOnDemand));
}

#[test]
fn unknown_words_are_refused_with_the_known_ones() {
    assert_eq!(
        "movies".parse::<DatasetType>().unwrap_err().to_string(),
        "dataset type \"movies\": it must be one of interactions, users, items, actions, action-interactions, custom"
    );
    assert_eq!(
        "shop".parse::<Domain>().unwrap_err().to_string(),
        "domain \"shop\": it must be one of ecommerce, video-on-demand"
    );
    assert_eq!(
        "all".parse::<LimitSet>().unwrap_err().to_string(),
        "limit set \"all\": it must be one of none, personalize"
    );
}

#[test]
fn names_are_compared_by_letters_and_digits() {
    for text in ["ITEM_ID", "Item ID", "itemId", " item-id ", "\u{feff}item.id"] {
        assert_eq!(normalise(text), "itemid");
    }
    assert_eq!(normalise("_-"), "");
}

#[test]
fn categorical_strings_and_event_types_are_dictionaries_in_arrow() {
    let arrow = |name: &str, value_type, categorical| {
        Field { categorical, ..Field::new(name, value_type) }.arrow_type().to_string()
    };
    assert_eq!(arrow("A", ValueType::String, false), "Utf8");
    assert_eq!(arrow("A", ValueType::String, true), "Dictionary(Int32, Utf8)");
    assert_eq!(arrow("EVENT_TYPE", ValueType::String, false), "Dictionary(Int32, Utf8)");
    assert_eq!(arrow("EVENT_TYPE", ValueType::Int, false), "Int32");
    assert_eq!(arrow("A", ValueType::Long, false), "Int64");
    assert_eq!(arrow("A", ValueType::Float, false), "Float32");
    assert_eq!(arrow("A", ValueType::Double, false), "Float64");
    assert_eq!(arrow("A", ValueType::Boolean, false), "Boolean");
}

#[test]
fn each_type_knows_its_record_id_and_its_user() {
    let known: Vec<_> = DatasetType::ALL
        .iter()
        .map(|known| (known.record_id(), known.user_column(), known.avro_name()))
        .collect();
    assert_eq!(
        known,
        [
            (None, Some("USER_ID"), Some("Interactions")),
            (Some("USER_ID"), Some("USER_ID"), Some("Users")),
            (Some("ITEM_ID"), None, Some("Items")),
            (Some("ACTION_ID"), None, Some("Actions")),
            (None, Some("USER_ID"), Some("ActionInteractions")),
            (None, None, None),
        ]
    );
}
