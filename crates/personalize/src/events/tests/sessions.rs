use std::sync::Barrier;

use super::*;

#[test]
fn the_same_event_again_is_dropped() {
    let rig = Rig::new();
    rig.call("PutEvents", &events(SHOP, Some("u"), "s", &["i1#a", "i2#a", "i3#b", "i4", "i4"])).unwrap();
    assert_eq!(rig.seen_by("shop"), ["u:i1", "u:i3", "u:i4", "u:i4"], "within a call the first stays");
    let version = rig.store.snapshot().version();
    rig.call("PutEvents", &events(SHOP, Some("v"), "t", &["i5#b", "i6#a"])).unwrap();
    assert_eq!(rig.store.snapshot().version(), version, "nothing was new");
    rig.call("PutEvents", &events(SHOP, Some("v"), "t", &["i7#b", "i8#c"])).unwrap();
    assert_eq!(rig.seen_by("shop"), ["u:i1", "u:i3", "u:i4", "u:i4", "v:i8"]);
    rig.call("PutEvents", &events(BARE, Some("u"), "s", &["i1#a"])).unwrap();
    assert_eq!(rig.seen_by("bare"), ["u:i1"], "another tracker has its own");
}

#[test]
fn equal_events_without_an_id_are_all_kept() {
    let rig = Rig::new();
    for _ in 0..2 {
        rig.call("PutEvents", &events(SHOP, Some("u"), "s", &["i"])).unwrap();
    }
    let rows = rig.rows("shop/interactions");
    assert_eq!((rows.len(), &rows[0]), (2, &rows[1]));
}

#[test]
fn of_the_same_event_sent_twice_at_once_one_is_kept() {
    let rig = Rig::new();
    let start = Barrier::new(4);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (rig, start) = (&rig, &start);
            scope.spawn(move || {
                for round in 0..50 {
                    start.wait();
                    let (user, item) = (format!("u{thread}"), format!("i{round}#e{round}"));
                    rig.call("PutEvents", &events(SHOP, Some(&user), &user, &[&item])).unwrap();
                }
            });
        }
    });
    let mut items: Vec<_> =
        rig.rows("shop/interactions").iter().map(|row| row["ITEM_ID"].as_str().unwrap().to_owned()).collect();
    items.sort();
    let mut expected: Vec<_> = (0..50).map(|round| format!("i{round}")).collect();
    expected.sort();
    assert_eq!(items, expected);
}

#[test]
fn events_without_a_user_wait_for_the_call_that_names_it() {
    let rig = Rig::new();
    rig.call("PutEvents", &events(SHOP, None, "s", &["i1", "i2"])).unwrap();
    rig.call("PutEvents", &events(SHOP, None, "s", &["i3"])).unwrap();
    rig.call("PutEvents", &events(SHOP, None, "other", &["i9"])).unwrap();
    assert_eq!((rig.seen_by("shop").len(), rig.events.waiting().unwrap()), (0, 4));
    assert!(rig.store.datasets().iter().all(|name| !name.is_hidden()));
    rig.call("PutEvents", &events(SHOP, Some("u"), "s", &["i4"])).unwrap();
    assert_eq!(rig.seen_by("shop"), ["u:i1", "u:i2", "u:i3", "u:i4"]);
    assert_eq!(rig.events.waiting().unwrap(), 1);
    rig.call("PutEvents", &events(SHOP, Some("u"), "s", &["i5"])).unwrap();
    assert_eq!(rig.seen_by("shop").len(), 5, "they are put once");
    rig.call("PutEvents", &events(SHOP, None, "s", &["i6"])).unwrap();
    assert_eq!((rig.seen_by("shop").len(), rig.events.waiting().unwrap()), (5, 2));
    rig.call("PutEvents", &events(BARE, Some("w"), "other", &["i7"])).unwrap();
    assert_eq!(rig.events.waiting().unwrap(), 2, "another tracker's session is another");
    rig.call("PutEvents", &events(SHOP, Some("w"), "s", &["i8"])).unwrap();
    assert_eq!(rig.seen_by("shop")[5..], ["w:i6", "w:i8"]);
}

#[test]
fn a_waiting_event_keeps_all_it_said() {
    let rig = Rig::new();
    let mut input = event(json!({
        "eventType": "view", "eventValue": 0.1, "itemId": "i1", "sentAt": 1, "impression": ["a", "b"],
        "properties": r#"{"numRatings": 12, "deviceType": "ph\"one"}"#
    }));
    input["userId"] = Value::Null;
    rig.call("PutEvents", &input).unwrap();
    rig.call("PutEvents", &events(SHOP, Some("u"), "s1", &["i2"])).unwrap();
    let row = json!({
        "USER_ID": "u", "ITEM_ID": "i1", "TIMESTAMP": 1, "EVENT_TYPE": "view", "EVENT_VALUE": 0.1,
        "IMPRESSION": "a|b", "NUM_RATINGS": 12, "device_type": "ph\"one"
    });
    assert_eq!(rig.rows("shop/interactions")[0], row);
}

#[test]
fn a_call_that_is_refused_leaves_what_waits() {
    let rig = Rig::new();
    rig.call("PutEvents", &events(SHOP, None, "s", &["i1#a"])).unwrap();
    let mut naming = events(SHOP, Some("u"), "s", &["i2", "i3"]);
    naming["eventList"][1]["itemId"] = Value::Null;
    rig.invalid("PutEvents", &naming);
    assert_eq!((rig.seen_by("shop").len(), rig.events.waiting().unwrap()), (0, 1));
    // An event without a user is checked when it comes, not when its user does.
    let mut bad = events(SHOP, None, "s", &["i2"]);
    bad["eventList"][0]["properties"] = r#"{"numRatings": "x"}"#.into();
    rig.invalid("PutEvents", &bad);
    // The event that waits is known by its ID; the call names its user all the same.
    rig.call("PutEvents", &events(SHOP, Some("u"), "s", &["i1#a"])).unwrap();
    assert_eq!((rig.seen_by("shop"), rig.events.waiting().unwrap()), (vec!["u:i1".to_owned()], 0));
}

#[test]
fn names_of_sessions_are_kept_apart() {
    let rig = Rig::new();
    for session in ["a", "a/0", "a/1", "a/0/0"] {
        rig.call("PutEvents", &events(SHOP, None, session, &[session, "x"])).unwrap();
    }
    assert_eq!(rig.events.waiting().unwrap(), 8);
    rig.call("PutEvents", &events(SHOP, Some("u"), "a/0", &["end"])).unwrap();
    assert_eq!(rig.seen_by("shop"), ["u:a/0", "u:x", "u:end"]);
    assert_eq!(rig.events.waiting().unwrap(), 6);
}

#[test]
fn what_is_known_and_what_waits_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let rig = Rig::over(Store::create(&path).unwrap());
    rig.call("PutEvents", &events(SHOP, None, "s", &["i1#a", "i2#b"])).unwrap();
    rig.call("PutEvents", &events(SHOP, Some("v"), "t", &["i3#c"])).unwrap();
    drop(rig);
    let rig = Rig::open(Store::open(&path).unwrap());
    assert_eq!(rig.events.waiting().unwrap(), 2);
    rig.call("PutEvents", &events(SHOP, Some("u"), "s", &["i4#c", "i5#d"])).unwrap();
    assert_eq!(rig.seen_by("shop"), ["v:i3", "u:i1", "u:i2", "u:i5"]);
}

#[test]
fn action_interactions_have_users_and_sessions_of_their_own() {
    let rig = Rig::new();
    let tracking_id = rig.action_tracking_id();
    let action = |action: &str, user: Option<&str>, session: &str, id: Option<&str>| json!({"actionId": action, "userId": user, "sessionId": session, "timestamp": 5.5, "eventType": "TAKEN", "eventId": id});
    let call = |list: Vec<Value>| {
        rig.call("PutActionInteractions", &json!({"trackingId": tracking_id, "actionInteractions": list}))
    };
    call(vec![
        action("a1", None, "s", None),
        action("a2", None, "t", Some("e")),
        action("a3", Some("u"), "s", None),
        action("a4", None, "s", None),
        action("a5", Some("w"), "v", Some("e")),
    ])
    .unwrap();
    let rows = |rig: &Rig| -> Vec<String> {
        let text = |row: &Value, column: &str| row[column].as_str().unwrap().to_owned();
        let rows = rig.rows("shop/action-interactions");
        assert!(rows.iter().all(|row| row["TIMESTAMP"] == 5 && row["EVENT_TYPE"] == "TAKEN"));
        rows.iter().map(|row| format!("{}:{}", text(row, "USER_ID"), text(row, "ACTION_ID"))).collect()
    };
    assert_eq!(rows(&rig), ["u:a1", "u:a3"]);
    assert_eq!(rig.events.waiting().unwrap(), 2);
    call(vec![action("a6", Some("x"), "t", None)]).unwrap();
    assert_eq!(rows(&rig), ["u:a1", "u:a3", "x:a2", "x:a6"]);
}

#[test]
fn a_tracker_that_is_gone_is_forgotten() {
    let rig = Rig::new();
    rig.call("PutEvents", &events(SHOP, None, "s", &["i1#a"])).unwrap();
    rig.call("PutEvents", &events(BARE, None, "s", &["i1#a"])).unwrap();
    rig.events.forget_tracker(SHOP).unwrap();
    assert_eq!(rig.events.waiting().unwrap(), 1);
    rig.call("PutEvents", &events(SHOP, Some("u"), "s", &["i2#a"])).unwrap();
    assert_eq!(rig.seen_by("shop"), ["u:i2"]);
    rig.call("PutEvents", &events(BARE, Some("u"), "s", &["i2#a"])).unwrap();
    assert_eq!(rig.seen_by("bare"), ["u:i1"]);
}

#[test]
fn many_calls_of_one_session_at_once_lose_no_event() {
    let rig = Rig::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let rig = &rig;
            scope.spawn(move || {
                for round in 0..20 {
                    let item = format!("i{thread}-{round}");
                    let user = (round % 5 == 4).then_some("u");
                    rig.call("PutEvents", &events(SHOP, user, "s", &[&item])).unwrap();
                }
            });
        }
    });
    rig.call("PutEvents", &events(SHOP, Some("u"), "s", &["end"])).unwrap();
    assert_eq!((rig.seen_by("shop").len(), rig.events.waiting().unwrap()), (81, 0));
}
