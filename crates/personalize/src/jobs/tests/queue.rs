use super::*;

const ROWS: &str = "ITEM_ID,PRICE,GENRES\ni1,1,\n";

#[test]
fn imports_run_one_at_a_time_in_the_order_of_creation() {
    let rig = Rig::new();
    for name in ["1", "2", "3"] {
        rig.objects.put(&format!("b/{name}.csv"), ROWS);
        rig.objects.stall(&format!("b/{name}.csv"));
    }
    let job = |name: &str, dataset: &str| rig.create(name, full(dataset, &format!("s3://b/{name}.csv")));
    let ids = [job("1", "ITEMS"), job("2", "ITEMS"), job("3", "ITEMS")];
    let began = Instant::now();
    rig.jobs.submit(&ids[0]);
    assert!(began.elapsed() >= ANSWER_AFTER, "a job that runs is waited for");
    assert!(began.elapsed() < ANSWER_AFTER * 10, "but not to its end");
    // Whose call comes first does not matter.
    rig.jobs.submit(&ids[2]);
    rig.jobs.submit(&ids[1]);
    let states = || ids.each_ref().map(|id| rig.record(id).job.status());
    assert_eq!(states(), ["CREATE IN_PROGRESS", "CREATE PENDING", "CREATE PENDING"]);
    rig.objects.release("b/1.csv");
    until("the second", || states() == ["ACTIVE", "CREATE IN_PROGRESS", "CREATE PENDING"]);
    // Exports do not wait for imports.
    rig.run("export", export("ITEMS", "s3://out", IngestionMode::Bulk)).unwrap();
    rig.objects.release("b/3.csv");
    assert_eq!(states(), ["ACTIVE", "CREATE IN_PROGRESS", "CREATE PENDING"]);
    rig.objects.release("b/2.csv");
    until("the end", || states() == ["ACTIVE"; 3]);
    let labels: Vec<_> = rig.store.history().into_iter().filter_map(|commit| commit.label).collect();
    assert_eq!(labels, ids.each_ref().map(ResourceId::to_string));
}

#[test]
fn a_short_job_is_done_when_the_call_answers() {
    let rig = Rig::new();
    rig.objects.put("b/1.csv", ROWS);
    let id = rig.submit("job", full("ITEMS", "s3://b/1.csv"));
    assert_eq!(rig.state(&id), JobState::Finished);
    assert_eq!(rig.rows("shop/items"), ["i1,1.0,"]);
}

#[test]
fn a_job_is_never_shown_as_done_before_its_commit() {
    let rig = Rig::new();
    rig.objects.put("b/1.csv", ROWS);
    for round in 0..20 {
        let name = format!("job-{round}");
        let id = rig.create(&name, full("ITEMS", "s3://b/1.csv"));
        std::thread::scope(|scope| {
            scope.spawn(|| rig.jobs.submit(&id));
            loop {
                let label = id.to_string();
                if rig.state(&id) == JobState::Finished {
                    let history = rig.store.history();
                    assert!(history.iter().any(|commit| commit.label.as_ref() == Some(&label)));
                    break;
                }
            }
        });
    }
}

#[test]
fn a_panic_fails_its_job_and_no_other() {
    let rig = Rig::new();
    rig.objects.put("b/panic.csv", ROWS);
    rig.objects.panic_at("b/panic.csv");
    rig.objects.put("b/1.csv", ROWS);
    let reason = rig.run("panic", full("ITEMS", "s3://b/panic.csv")).unwrap_err();
    assert!(reason.contains("inside Restock"), "{reason}");
    rig.run("next", full("ITEMS", "s3://b/1.csv")).unwrap();
    rig.run("delete-panic", deletion("s3://b/panic.csv")).unwrap_err();
    assert_eq!(rig.rows("shop/items"), ["i1,1.0,"]);
}

#[test]
fn a_shut_down_fails_what_runs_and_what_waits() {
    let rig = Rig::new();
    rig.objects.put("b/1.csv", ROWS);
    rig.objects.put("b/2.csv", ROWS);
    rig.objects.stall("b/2.csv");
    rig.put("shop/items", vec![record! { "ITEM_ID" => "i", "PRICE" => 1.0 }]);
    rig.objects.stall("out/export/part-00000.csv");
    let running = rig.submit("running", full("ITEMS", "s3://b/"));
    let waiting = rig.submit("waiting", full("ITEMS", "s3://b/1.csv"));
    let exporting = rig.submit("export", export("ITEMS", "s3://out", IngestionMode::Put));
    until("the export begins", || rig.objects.unfinished() == 1);
    std::thread::scope(|scope| {
        let stopping = scope.spawn(|| rig.jobs.shut_down(LONG));
        until("the stop", || rig.state(&waiting) == JobState::Failed);
        rig.objects.release("b/2.csv");
        rig.objects.release("out/export/part-00000.csv");
        stopping.join().unwrap();
    });
    let reason = |id| rig.record(id).job.failure_reason.unwrap();
    assert!(reason(&waiting).contains("shut down before the job began"));
    assert!(reason(&running).contains("shut down while the job ran"), "{}", reason(&running));
    assert!(rig.state(&exporting).is_ended());
    assert_eq!((rig.rows("shop/items"), rig.objects.unfinished()), (vec!["i,1.0,".to_owned()], 0));
    let late = rig.submit("late", full("ITEMS", "s3://b/1.csv"));
    assert_eq!(rig.state(&late), JobState::Pending, "nothing runs after the stop");
}

#[test]
fn a_job_that_does_not_hear_of_the_stop_is_left_to_the_next_start() {
    let rig = Rig::new();
    rig.objects.put("b/1.csv", ROWS);
    rig.objects.stall("b/1.csv");
    let id = rig.submit("job", full("ITEMS", "s3://b/1.csv"));
    let began = Instant::now();
    rig.jobs.shut_down(Duration::from_millis(50));
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(rig.state(&id), JobState::InProgress);
    rig.objects.release("b/1.csv");
}

#[test]
fn paced_jobs_show_every_state_for_its_time() {
    let pace = Duration::from_millis(150);
    let rig = Rig::with(Settings { states: States::Paced(pace), ..Settings::default() });
    rig.objects.put("b/1.csv", ROWS);
    let began = Instant::now();
    let id = rig.submit("job", full("ITEMS", "s3://b/1.csv"));
    let mut seen = vec![(rig.record(&id).job.status(), began.elapsed())];
    until("the end", || rig.state(&id) != JobState::Pending);
    seen.push((rig.record(&id).job.status(), began.elapsed()));
    until("the end", || rig.state(&id) != JobState::InProgress);
    seen.push((rig.record(&id).job.status(), began.elapsed()));
    assert_eq!(
        seen.iter().map(|(state, _)| *state).collect::<Vec<_>>(),
        ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]
    );
    assert!(seen[0].1 < pace, "the call waits for nothing");
    assert!(seen[1].1 >= pace && seen[2].1 >= pace * 2, "{seen:?}");
}
