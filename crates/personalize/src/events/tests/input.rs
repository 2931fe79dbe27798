use super::*;

#[test]
fn members_and_properties_become_columns() {
    let rig = Rig::new();
    let properties = r#"{"numRatings": "12", "deviceType": "phone|tablet"}"#;
    rig.call(
        "PutEvents",
        &event(json!({
            "eventId": "e1", "eventType": "view", "eventValue": 4, "itemId": "i1", "sentAt": 1553631760.9,
            "properties": properties, "recommendationId": "rec", "impression": ["i1", "i2"],
            "metricAttribution": {"eventAttributionSource": "mail"}
        })),
    )
    .unwrap();
    let row = json!({
        "USER_ID": "u1", "ITEM_ID": "i1", "TIMESTAMP": 1_553_631_760, "EVENT_TYPE": "view", "EVENT_VALUE": 4.0,
        "IMPRESSION": "i1|i2", "RECOMMENDATION_ID": "rec", "EVENT_ATTRIBUTION_SOURCE": "mail", "NUM_RATINGS": 12,
        "device_type": "phone|tablet"
    });
    assert_eq!(rig.rows("shop/interactions"), [row]);
}

#[test]
fn item_and_value_may_be_properties() {
    let rig = Rig::new();
    let properties = r#"{"itemId": "i1", "eventValue": "4.5", "NUM_RATINGS": 3, "Num-Ratings": null}"#;
    let twice =
        rig.invalid("PutEvents", &event(json!({"eventType": "e", "sentAt": 1, "properties": properties})));
    assert!(twice.contains("given twice") && twice.contains("Num-Ratings"), "{twice}");
    let properties = r#"{"itemId": "i1", "eventValue": "4.5", "NUM_RATINGS": 3}"#;
    rig.call("PutEvents", &event(json!({"eventType": "e", "sentAt": 1, "properties": properties}))).unwrap();
    let row = json!({"USER_ID": "u1", "ITEM_ID": "i1", "TIMESTAMP": 1, "EVENT_TYPE": "e", "EVENT_VALUE": 4.5, "NUM_RATINGS": 3});
    assert_eq!(rig.rows("shop/interactions"), [row]);
    let both = json!({"eventType": "e", "sentAt": 1, "itemId": "i1", "properties": r#"{"itemId": "i2"}"#});
    assert!(rig.invalid("PutEvents", &event(both)).contains("given twice"));
}

#[test]
fn what_an_event_says_as_a_member_may_be_no_property() {
    let rig = Rig::new();
    for key in [
        "userId",
        "USERID",
        "user_id",
        "SessionID",
        "eventtype",
        "EVENT_TYPE",
        "Timestamp",
        "recommendationid",
        "IMPRESSION",
    ] {
        let properties = json!({ key: "x" }).to_string();
        let input = event(json!({"eventType": "e", "itemId": "i", "sentAt": 1, "properties": properties}));
        let message = rig.invalid("PutEvents", &input);
        assert!(message.contains(&format!("{key:?} may not be a property")), "{message}");
    }
}

#[test]
fn an_unknown_property_is_refused_by_name() {
    let rig = Rig::new();
    let input =
        event(json!({"eventType": "e", "itemId": "i", "sentAt": 1, "properties": r#"{"colour": "red"}"#}));
    let message = rig.invalid("PutEvents", &input);
    assert!(
        message.contains("eventList[0].properties: \"colour\" is no column of the dataset shop/interactions"),
        "{message}"
    );
    let bare = json!({"trackingId": BARE, "userId": "u", "sessionId": "s", "eventList": [
        {"eventType": "e", "itemId": "i", "sentAt": 1, "eventValue": 1}]});
    let message = rig.invalid("PutEvents", &bare);
    assert!(
        message.contains("eventValue is given") && message.contains("no column EVENT_VALUE"),
        "{message}"
    );
}

#[test]
fn the_type_of_an_event_is_dropped_if_the_dataset_has_none() {
    let rig = Rig::new();
    let input = json!({"trackingId": BARE, "userId": "u", "sessionId": "s", "eventList": [
        {"eventType": "placeholder", "itemId": "i", "sentAt": 7, "recommendationId": "r", "impression": ["i"]}]});
    rig.call("PutEvents", &input).unwrap();
    assert_eq!(rig.rows("bare/interactions"), [json!({"USER_ID": "u", "ITEM_ID": "i", "TIMESTAMP": 7})]);
}

#[test]
fn properties_that_are_no_object_are_refused_in_the_words_of_the_service() {
    let rig = Rig::new();
    let twice_encoded = json!(json!({"numRatings": 1}).to_string()).to_string();
    let cases = [
        ("{numRatings: 1}", "line 1"),
        ("not json", "line 1"),
        ("[1]", "sequence"),
        (r#"{"deviceType": ["a", "b"]}"#, "sequence"),
        (r#"{"numRatings": 1, "numRatings": 2}"#, "comes twice"),
        (twice_encoded.as_str(), "encoded twice"),
    ];
    for (properties, why) in cases {
        let input = event(json!({"eventType": "e", "itemId": "i", "sentAt": 1, "properties": properties}));
        let message = rig.invalid("PutEvents", &input);
        assert!(message.starts_with("Error parsing properties json: eventList[0].properties: "), "{message}");
        assert!(message.contains(why), "{message}");
    }
    let object =
        event(json!({"eventType": "e", "itemId": "i", "sentAt": 1, "properties": {"numRatings": 1}}));
    assert!(
        rig.invalid("PutEvents", &object).contains("eventList[0].properties is an object; expected a string")
    );
}

#[test]
fn a_property_that_does_not_fit_its_column_is_shown() {
    let rig = Rig::new();
    let input = event(
        json!({"eventType": "e", "itemId": "i", "sentAt": 1, "properties": r#"{"numRatings": "many"}"#}),
    );
    let message = rig.invalid("PutEvents", &input);
    for part in [
        "eventList[0].properties: \"numRatings\"",
        "column NUM_RATINGS of shop/interactions",
        "\"many\"",
        "int or null",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn required_members_are_asked_for_by_name() {
    let rig = Rig::new();
    let whole = events(SHOP, Some("u"), "s", &["i"]);
    for member in ["trackingId", "sessionId", "eventList"] {
        let mut input = whole.clone();
        input.as_object_mut().unwrap().remove(member);
        let message = rig.invalid("PutEvents", &input);
        assert!(message.starts_with(&format!("{member} is missing")), "{message}");
    }
    for member in ["eventType", "sentAt"] {
        let mut input = whole.clone();
        input["eventList"][0][member] = Value::Null;
        let message = rig.invalid("PutEvents", &input);
        assert!(message.starts_with(&format!("eventList[0].{member} is missing")), "{message}");
    }
    let mut input = whole;
    input["eventList"][0]["itemId"] = Value::Null;
    let message = rig.invalid("PutEvents", &input);
    assert!(message.contains("eventList[0] gives no value for ITEM_ID"), "{message}");
}

#[test]
fn limits_of_the_service_hold() {
    let rig = Rig::new();
    let long = |chars: usize| "x".repeat(chars);
    let base = || json!({"eventType": "e", "itemId": "i", "sentAt": 1});
    let with = |member: &str, value: Value| {
        let mut event = base();
        event[member] = value;
        super::event(event)
    };
    let ids = |count: usize| Value::from((0..count).map(|id| id.to_string()).collect::<Vec<_>>());
    let padded = |bytes: usize| json!({"deviceType": long(bytes)}).to_string();
    let refused = [
        ("257 characters", with("itemId", long(257).into())),
        ("257 characters", with("eventId", long(257).into())),
        ("is empty", with("itemId", "".into())),
        ("41 characters", with("recommendationId", long(41).into())),
        ("26 elements", with("impression", ids(26))),
        ("0 elements", with("impression", ids(0))),
        ("holds no |", with("impression", json!(["a|b"]))),
        ("1025 characters", with("properties", (long(1025)).into())),
        ("is a string; expected a number", with("sentAt", "1".into())),
        ("expected a number", with("sentAt", 1e300.into())),
        ("1025 characters", with("metricAttribution", json!({"eventAttributionSource": long(1025)}))),
        ("metricAttribution.eventAttributionSource is missing", with("metricAttribution", json!({}))),
        ("more than 1000 characters for device_type", with("properties", padded(1001).into())),
        ("11 elements", events(SHOP, Some("u"), "s", &["i"; 11])),
        ("0 elements", events(SHOP, Some("u"), "s", &[])),
        ("an event has at most 10240", with("unknown", long(10_240).into())),
        ("a list; expected an object", json!({"trackingId": SHOP, "sessionId": "s", "eventList": [[]]})),
    ];
    for (why, input) in refused {
        let message = rig.invalid("PutEvents", &input);
        assert!(message.contains(why), "{message} lacks {why:?}");
    }
    rig.call("PutEvents", &with("itemId", "ü".repeat(256).into())).unwrap();
    rig.call("PutEvents", &with("impression", ids(25))).unwrap();
    rig.call("PutEvents", &with("properties", padded(1000).into())).unwrap();
    rig.call("PutEvents", &events(SHOP, Some("u"), "s", &["i"; 10])).unwrap();
    assert_eq!(rig.rows("shop/interactions").len(), 13);
}

#[test]
fn unknown_trackers_and_operations_are_refused_as_modelled() {
    let rig = Rig::new();
    assert!(rig.invalid("PutEvents", &events("no-such", Some("u"), "s", &["i"])).contains("no-such"));
    let input = json!({"trackingId": "no-such", "actionInteractions": []});
    assert_eq!(rig.call("PutActionInteractions", &input).unwrap_err().exception, Exception::ResourceNotFound);
    assert_eq!(rig.call("PutRatings", &json!({})).unwrap_err().exception, Exception::UnknownOperation);
    rig.store.drop_dataset("bare/interactions").unwrap();
    rig.events.catalog.adopt(&rig.store).unwrap();
    let message = rig.invalid("PutEvents", &events(BARE, Some("u"), "s", &["i"]));
    assert!(message.contains("has no Item interactions dataset"), "{message}");
}
