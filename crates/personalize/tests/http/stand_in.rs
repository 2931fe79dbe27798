//! What stands in for the service: operations that answer, refuse, wait or break as they are told.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};

use restock::Store;
use restock_personalize::{Caller, Exception, JobProgress, Plane, Refusal, Service};
use serde_json::{Value, json};

/// How its ARNs begin.
const ARN: &str = "arn:aws:personalize:us-east-1:123456789012:";

/// Why its job `monday` failed.
pub const FAILURE: &str = "Invalid Data. s3://b/k.csv, line 3, column PRICE: `<i>x</i>` is no float";

/// Operations by name: `ListEcho` answers what it was asked, `DeleteQuietly` nothing, `CreateWait` waits for
/// [`StandIn::release`], `CreateTrouble` breaks, and `PutEvents` and the like do as their `trackingId` says.
pub struct StandIn {
    store: Store,
    pub number: u64,
    released: Mutex<bool>,
    release: Condvar,
    pub waiting: AtomicU64,
    pub closed: AtomicBool,
    /// What its job `tuesday` has read.
    pub rows: AtomicU64,
}

impl StandIn {
    pub fn new(store: Store, number: u64) -> StandIn {
        StandIn {
            store,
            number,
            released: Mutex::new(false),
            release: Condvar::new(),
            waiting: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            rows: AtomicU64::new(500),
        }
    }

    /// Lets every `CreateWait` answer.
    pub fn release(&self) {
        *self.released.lock().unwrap() = true;
        self.release.notify_all();
    }

    fn wait(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut released = self.released.lock().unwrap();
        while !*released {
            released = self.release.wait(released).unwrap();
        }
    }
}

impl Service for StandIn {
    fn call(
        &self,
        plane: Plane,
        operation: &str,
        input: &Value,
        caller: &Caller,
    ) -> Result<Option<Value>, Refusal> {
        let refuse = |exception| Err(Refusal::new(exception, format!("{operation} was to be refused")));
        match (operation, input["trackingId"].as_str()) {
            ("ListEcho", _) => Ok(Some(json!({
                "input": input,
                "plane": format!("{plane:?}"),
                "region": caller.region,
                "requestId": caller.request_id,
                "service": self.number,
            }))),
            ("DeleteQuietly", _) => Ok(None),
            ("CreateWait", _) => {
                self.wait();
                Ok(Some(json!({"waited": true})))
            }
            ("CreateTrouble", _) => panic!("trouble that was asked for"),
            ("DescribeNothing", _) => refuse(Exception::ResourceNotFound),
            ("DeleteUsed", _) => refuse(Exception::ResourceInUse),
            ("CreateBroken", _) => refuse(Exception::InternalFailure),
            (_, Some("gone")) => refuse(Exception::ResourceNotFound),
            (_, Some("used")) => refuse(Exception::ResourceInUse),
            (_, Some("bad")) => refuse(Exception::InvalidInput),
            (put, Some(_)) if put.starts_with("Put") => Ok(None),
            ("ListDatasetGroups", _) => Ok(Some(json!({"datasetGroups": [
                {"name": "<b>shop</b>", "datasetGroupArn": format!("{ARN}dataset-group/1"), "status": "ACTIVE",
                 "creationDateTime": 1.5},
                {"name": "shop", "datasetGroupArn": format!("{ARN}dataset-group/shop"), "status": "ACTIVE",
                 "creationDateTime": 1.25}]}))),
            ("ListDatasets", _) => Ok(Some(json!({"datasets": [
                {"name": "wares", "datasetType": "ITEMS", "status": "ACTIVE"}]}))),
            ("ListDatasetImportJobs", _) => Ok(Some(json!({"datasetImportJobs": [
                {"jobName": "tuesday", "datasetImportJobArn": format!("{ARN}dataset-import-job/tuesday"),
                 "status": "CREATE IN_PROGRESS", "creationDateTime": 3.5},
                {"jobName": "monday", "datasetImportJobArn": format!("{ARN}dataset-import-job/monday"),
                 "status": "CREATE FAILED", "creationDateTime": 2.5, "failureReason": FAILURE}]}))),
            ("DescribeDatasetImportJob", _) => Ok(Some(json!({"datasetImportJob": {
                "datasetArn": format!("{ARN}dataset/shop/ITEMS"), "importMode": "FULL",
                "dataSource": {"dataLocation": "s3://b/k.csv"}}}))),
            _ => refuse(Exception::UnknownOperation),
        }
    }

    fn store(&self) -> &Store {
        &self.store
    }

    fn progress(&self) -> Vec<JobProgress> {
        let rows = self.rows.load(Ordering::SeqCst);
        let job = "dataset-import-job/tuesday".to_owned();
        vec![JobProgress { job, bytes: 10 * rows, total: Some(20_000), rows }]
    }

    fn waiting_events(&self) -> u64 {
        3
    }

    fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.release();
    }
}
