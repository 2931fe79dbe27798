//! A server that runs for a test.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use restock::{DatasetType, Schema, Store};
use restock_personalize::{Limits, Reset, Server, ServerOptions, Service, Shutdown};

use crate::raw::Connection;
use crate::stand_in::StandIn;

pub struct Running {
    pub address: SocketAddr,
    pub service: Arc<StandIn>,
    shutdown: Shutdown,
    thread: Option<JoinHandle<()>>,
}

/// A store with one import in it.
pub fn store() -> Store {
    let store = Store::in_memory().unwrap();
    let schema = r#"{"type": "record", "name": "Items", "fields": [
        {"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"}]}"#;
    let items =
        store.create_dataset("shop/items", DatasetType::Items, Schema::from_avro(schema).unwrap()).unwrap();
    items.import_reader(&b"ITEM_ID,PRICE\ni1,1\ni2,2\n"[..], "monday.csv").run().unwrap();
    store
}

pub fn options() -> ServerOptions {
    ServerOptions::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
}

/// Limits that a test need not wait for.
pub fn tight() -> Limits {
    Limits {
        connections: 3,
        head_bytes: 8 << 10,
        body_bytes: 1000,
        head_time: Duration::from_millis(400),
        body_time: Duration::from_millis(400),
        grace: Duration::from_secs(2),
        ..Limits::default()
    }
}

impl Running {
    pub fn new() -> Running {
        Running::with(options(), None)
    }

    pub fn limited(limits: Limits) -> Running {
        Running::with(ServerOptions { limits, ..options() }, None)
    }

    pub fn with(options: ServerOptions, reset: Option<Reset>) -> Running {
        let service = Arc::new(StandIn::new(store(), 0));
        let answers: Arc<dyn Service> = Arc::<StandIn>::clone(&service);
        let (send, receive) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let server = Server::bind(options, answers, reset).await.unwrap();
                send.send((server.local_address(), server.shutdown())).unwrap();
                server.run().await;
            });
        });
        let (address, shutdown) = receive.recv().unwrap();
        Running { address, service, shutdown, thread: Some(thread) }
    }

    pub fn connect(&self) -> Connection {
        Connection::to(self.address)
    }

    pub fn stop(&self) {
        self.shutdown.shutdown();
    }

    /// Waits until the server has ended.
    pub fn wait(mut self) {
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.service.release();
        self.stop();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the server broke");
        }
    }
}
