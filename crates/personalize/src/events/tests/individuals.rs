use restock::{ImportMode, View};

use super::*;

#[test]
fn users_items_and_actions_are_put_by_their_properties() {
    let rig = Rig::new();
    let users = json!({"datasetArn": arn("USERS"), "users": [
        {"userId": "u1", "properties": r#"{"membershipType": "Gold|Old"}"#}, {"userId": "u2"}]});
    rig.call("PutUsers", &users).unwrap();
    assert_eq!(
        rig.rows("shop/users"),
        [json!({"USER_ID": "u1", "MEMBERSHIP_TYPE": "Gold|Old"}), json!({"USER_ID": "u2"})]
    );
    let items = json!({"datasetArn": arn("ITEMS"), "items": [
        {"itemId": "i1", "properties": r#"{"price": "9.5", "numberOfRatings": 1553631760}"#}]});
    rig.call("PutItems", &items).unwrap();
    assert_eq!(
        rig.rows("shop/items"),
        [json!({"ITEM_ID": "i1", "PRICE": 9.5, "NUMBER_OF_RATINGS": 1_553_631_760})]
    );
    let actions = json!({"datasetArn": arn("ACTIONS"), "actions": [
        {"actionId": "a1", "properties": r#"{"value": 10}"#}]});
    rig.call("PutActions", &actions).unwrap();
    assert_eq!(rig.rows("shop/actions"), [json!({"ACTION_ID": "a1", "VALUE": 10})]);
}

#[test]
fn a_put_replaces_the_whole_individual_record_and_no_bulk_row() {
    let rig = Rig::new();
    let items = rig.store.dataset("shop/items").unwrap();
    let csv = "ITEM_ID,PRICE,NUMBER_OF_RATINGS,DESCRIPTION\ni1,1,1,bulk\n";
    items.import_reader(csv.as_bytes(), "items").mode(ImportMode::Full).run().unwrap();
    for properties in [r#"{"price": 2, "description": "put"}"#, r#"{"price": 3}"#] {
        let input =
            json!({"datasetArn": arn("ITEMS"), "items": [{"itemId": "i1", "properties": properties}]});
        rig.call("PutItems", &input).unwrap();
    }
    assert_eq!(rig.rows("shop/items"), [json!({"ITEM_ID": "i1", "PRICE": 3.0})]);
    let bulk = items.snapshot().unwrap().get_in("i1", View::Bulk).unwrap().unwrap();
    assert_eq!(bulk.get("DESCRIPTION").unwrap().as_str(), Some("bulk"));
}

#[test]
fn one_bad_record_of_ten_keeps_all_out() {
    let rig = Rig::new();
    let calls: [(&str, &str, &str, Value); 3] = [
        ("PutUsers", "users", "userId", json!({"datasetArn": arn("USERS")})),
        ("PutItems", "items", "itemId", json!({"datasetArn": arn("ITEMS")})),
        ("PutActions", "actions", "actionId", json!({"datasetArn": arn("ACTIONS")})),
    ];
    for (operation, list, id, mut input) in calls {
        let good = if list == "items" { r#"{"price": 1}"# } else { "{}" };
        let record = |number: usize| {
            let properties = if number == 9 { r#"{"colour": "red"}"# } else { good };
            json!({ id: number.to_string(), "properties": properties })
        };
        input[list] = (0..10).map(record).collect();
        let message = rig.invalid(operation, &input);
        assert!(message.contains(&format!("{list}[9].properties: \"colour\"")), "{message}");
        assert!(rig.rows(&format!("shop/{list}")).is_empty());
    }
    let mut input = events(SHOP, Some("u"), "s", &["i#e"; 10]);
    input["eventList"][9]["sentAt"] = "now".into();
    rig.invalid("PutEvents", &input);
    assert!(rig.rows("shop/interactions").is_empty());
    // Nor were its events' IDs taken.
    rig.call("PutEvents", &events(SHOP, Some("u"), "s", &["i#e"])).unwrap();
    assert_eq!(rig.seen_by("shop"), ["u:i"]);
    let action = |timestamp: Value| json!({"actionId": "a", "userId": "u", "sessionId": "s", "timestamp": timestamp, "eventType": "taken"});
    let mut list = vec![action(1.into()); 10];
    list[9] = action(Value::Null);
    rig.invalid(
        "PutActionInteractions",
        &json!({"trackingId": rig.action_tracking_id(), "actionInteractions": list}),
    );
    assert!(rig.rows("shop/action-interactions").is_empty());
}

#[test]
fn the_dataset_must_be_there_and_of_the_type() {
    let rig = Rig::new();
    let items =
        json!({"datasetArn": arn("USERS"), "items": [{"itemId": "i", "properties": r#"{"price": 1}"#}]});
    assert!(rig.invalid("PutItems", &items).contains("does not hold items"));
    let gone = "arn:aws:personalize:us-east-1:000000000000:dataset/nowhere/ITEMS";
    let items = json!({"datasetArn": gone, "items": [{"itemId": "i"}]});
    let refusal = rig.call("PutItems", &items).unwrap_err();
    assert_eq!((refusal.exception, refusal.message.contains(gone)), (Exception::ResourceNotFound, true));
    let group = "arn:aws:personalize:us-east-1:000000000000:dataset-group/shop";
    rig.invalid("PutItems", &json!({"datasetArn": group, "items": [{"itemId": "i"}]}));
}

#[test]
fn an_id_is_no_property_and_columns_that_allow_no_null_are_asked_for() {
    let rig = Rig::new();
    let item = |properties: &str| json!({"datasetArn": arn("ITEMS"), "items": [{"itemId": "i", "properties": properties}]});
    let message = rig.invalid("PutItems", &item(r#"{"ITEM_ID": "j", "price": 1}"#));
    assert!(message.contains("\"ITEM_ID\" may not be a property: say it as itemId"), "{message}");
    let message = rig.invalid("PutItems", &item("{}"));
    assert!(message.contains("items[0] gives no value for PRICE, a float column"), "{message}");
    let message = rig.invalid("PutItems", &item(r#"{"price": null}"#));
    assert!(message.contains("column PRICE of shop/items"), "{message}");
    let message =
        rig.invalid("PutItems", &json!({"datasetArn": arn("ITEMS"), "items": [{"properties": "{}"}]}));
    assert!(message.starts_with("items[0].itemId is missing"), "{message}");
}

#[test]
fn a_long_text_is_cut_and_other_long_values_are_refused() {
    let rig = Rig::new();
    let properties = json!({"price": 1, "description": "d".repeat(20_001)}).to_string();
    let input = json!({"datasetArn": arn("ITEMS"), "items": [{"itemId": "i", "properties": properties}]});
    rig.call("PutItems", &input).unwrap();
    assert_eq!(rig.rows("shop/items")[0]["DESCRIPTION"].as_str().unwrap().len(), 20_000);
    let properties = json!({"membershipType": "m".repeat(1_001)}).to_string();
    let input = json!({"datasetArn": arn("USERS"), "users": [{"userId": "u", "properties": properties}]});
    assert!(rig.invalid("PutUsers", &input).contains("more than 1000 characters for MEMBERSHIP_TYPE"));
    let properties = "x".repeat(24_001);
    let input = json!({"datasetArn": arn("USERS"), "users": [{"userId": "u", "properties": properties}]});
    assert!(rig.invalid("PutUsers", &input).contains("24001 characters; expected 1 to 24000"));
}
