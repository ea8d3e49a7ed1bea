//! The frozen part of the contract by tonic with rusqlite, as its users would plainly write it: a transaction an add, WAL,
//! synchronous=FULL, statements kept prepared, one connection that writes behind a lock and off the async threads, one
//! that reads single rows, and one of its own for each list.
//!
//! `steward-peer-tonic DIR` keeps its database in DIR, takes a free port and prints `listening on http://HOST:PORT`.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::{BroadcastStream, ReceiverStream, TcpListenerStream};
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, transport::Server};

mod inventory {
    tonic::include_proto!("inventory");
}
mod taskmanager {
    tonic::include_proto!("taskmanager");
}

use inventory::inventory_server::{Inventory, InventoryServer};
use inventory::*;
use taskmanager::task_manager_server::{TaskManager, TaskManagerServer};
use taskmanager::*;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS items (name TEXT PRIMARY KEY, quantity INTEGER NOT NULL, price REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tasks (
  id TEXT PRIMARY KEY, title TEXT NOT NULL, description TEXT NOT NULL, status INTEGER NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
) WITHOUT ROWID;";

/// Events that a watcher may be behind before it is told that it lost some.
const EVENTS_HELD: usize = 16 * 1024;
const ITEMS_AHEAD: usize = 128;

type Answer<T> = Result<Response<T>, Status>;
type Out<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

struct Store {
    path: PathBuf,
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
    events: broadcast::Sender<TaskEvent>,
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    Ok(connection)
}

impl Store {
    fn open(path: PathBuf) -> rusqlite::Result<Self> {
        let writer = open(&path)?;
        writer.execute_batch(SCHEMA)?;
        let reader = open(&path)?;
        let (events, _) = broadcast::channel(EVENTS_HELD);
        Ok(Self { path, writer: Mutex::new(writer), reader: Mutex::new(reader), events })
    }

    /// Writes wait for the disk, which async threads should not.
    async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Store, &mut Connection) -> Result<T, Status> + Send + 'static,
    ) -> Result<T, Status> {
        let store = self.clone();
        tokio::task::spawn_blocking(move || work(&store, &mut store.writer.lock().unwrap()))
            .await
            .map_err(|error| Status::internal(error.to_string()))?
    }
}

fn internal(error: rusqlite::Error) -> Status {
    Status::internal(error.to_string())
}

struct Items(Arc<Store>);

#[tonic::async_trait]
impl Inventory for Items {
    async fn add_item(&self, request: Request<AddItemRequest>) -> Answer<AddItemResponse> {
        let AddItemRequest { name, quantity, price, .. } = request.into_inner();
        if name.is_empty() {
            return Err(Status::invalid_argument("name is required"));
        }
        let added = self.0.write(move |_, db| {
            db.prepare_cached("INSERT INTO items (name, quantity, price) VALUES (?, ?, ?)")
                .and_then(|mut insert| insert.execute(params![name, quantity, price]))
                .map_err(|error| match error.sqlite_error_code() {
                    Some(ErrorCode::ConstraintViolation) => {
                        Status::already_exists(format!("item '{name}' already exists"))
                    }
                    _ => internal(error),
                })?;
            Ok(name)
        });
        Ok(Response::new(AddItemResponse { name: added.await?, status: "created".into(), item: None }))
    }

    async fn get_item(&self, request: Request<GetItemRequest>) -> Answer<GetItemResponse> {
        let name = request.into_inner().name;
        let db = self.0.reader.lock().unwrap();
        let item = db
            .prepare_cached("SELECT name, quantity, price FROM items WHERE name = ?")
            .and_then(|mut select| {
                select
                    .query_row([&name], |row| {
                        let (name, quantity, price) = (row.get(0)?, row.get(1)?, row.get(2)?);
                        Ok(GetItemResponse { name, quantity, price, ..Default::default() })
                    })
                    .optional()
            })
            .map_err(internal)?;
        item.map(Response::new).ok_or_else(|| Status::not_found(format!("item '{name}' not found")))
    }

    type ListItemsStream = ReceiverStream<Result<ListItemsResponse, Status>>;

    async fn list_items(&self, _: Request<ListItemsRequest>) -> Answer<Self::ListItemsStream> {
        let (sender, receiver) = mpsc::channel(ITEMS_AHEAD);
        let path = self.0.path.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = send_items(&path, &sender) {
                let _ = sender.blocking_send(Err(internal(error)));
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn update_item(&self, _: Request<UpdateItemRequest>) -> Answer<UpdateItemResponse> {
        Err(Status::unimplemented("UpdateItem"))
    }
    async fn remove_item(&self, _: Request<RemoveItemRequest>) -> Answer<RemoveItemResponse> {
        Err(Status::unimplemented("RemoveItem"))
    }
    async fn adjust_stock(&self, _: Request<AdjustStockRequest>) -> Answer<AdjustStockResponse> {
        Err(Status::unimplemented("AdjustStock"))
    }
    async fn list_movements(&self, _: Request<ListMovementsRequest>) -> Answer<ListMovementsResponse> {
        Err(Status::unimplemented("ListMovements"))
    }
    async fn import_items(&self, _: Request<tonic::Streaming<ImportItemsRequest>>) -> Answer<ImportItemsResponse> {
        Err(Status::unimplemented("ImportItems"))
    }
    type WatchItemsStream = Out<WatchItemsResponse>;
    async fn watch_items(&self, _: Request<WatchItemsRequest>) -> Answer<Self::WatchItemsStream> {
        Err(Status::unimplemented("WatchItems"))
    }
}

fn send_items(path: &Path, sender: &mpsc::Sender<Result<ListItemsResponse, Status>>) -> rusqlite::Result<()> {
    let db = open(path)?;
    let mut select = db.prepare("SELECT name, quantity, price FROM items ORDER BY name")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (name, quantity, price) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let item = ListItemsResponse { name, quantity, price, ..Default::default() };
        if sender.blocking_send(Ok(item)).is_err() {
            break; // The caller is gone.
        }
    }
    Ok(())
}

struct Tasks(Arc<Store>);

fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn task(row: &Row) -> rusqlite::Result<Task> {
    Ok(Task {
        id: row.get(0)?,
        title: row.get(1)?,
        description: row.get(2)?,
        status: row.get(3)?,
        created_at: row.get(4)?,
        updated_at: row.get(5)?,
        ..Default::default()
    })
}

#[tonic::async_trait]
impl TaskManager for Tasks {
    async fn create_task(&self, request: Request<CreateTaskRequest>) -> Answer<CreateTaskResponse> {
        let CreateTaskRequest { title, description, .. } = request.into_inner();
        if title.is_empty() {
            return Err(Status::invalid_argument("Title is required"));
        }
        let created = self.0.write(move |store, db| {
            let time = now();
            let task = Task {
                id: uuid::Uuid::new_v4().to_string(),
                title,
                description,
                status: TaskStatus::Todo as i32,
                created_at: time.clone(),
                updated_at: time,
                ..Default::default()
            };
            db.prepare_cached(
                "INSERT INTO tasks (id, title, description, status, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    task.id, task.title, task.description, task.status, task.created_at, task.updated_at
                ])
            })
            .map_err(internal)?;
            publish(store, TaskEventType::Created, &task);
            Ok(task)
        });
        Ok(Response::new(CreateTaskResponse { task: Some(created.await?) }))
    }

    async fn update_task(&self, request: Request<UpdateTaskRequest>) -> Answer<UpdateTaskResponse> {
        let UpdateTaskRequest { id, title, description, status, .. } = request.into_inner();
        let updated = self.0.write(move |store, db| {
            let changed = db
                .prepare_cached(
                    "UPDATE tasks SET title = coalesce(nullif(?, ''), title), \
                     description = coalesce(nullif(?, ''), description), \
                     status = coalesce(nullif(?, 0), status), updated_at = ? \
                     WHERE id = ? RETURNING id, title, description, status, created_at, updated_at",
                )
                .and_then(|mut update| {
                    update.query_row(params![title, description, status, now(), id], task).optional()
                })
                .map_err(internal)?;
            let task = changed.ok_or_else(|| Status::not_found(format!("Task '{id}' not found")))?;
            publish(store, TaskEventType::Updated, &task);
            Ok(task)
        });
        Ok(Response::new(UpdateTaskResponse { task: Some(updated.await?) }))
    }

    type WatchTasksStream = Out<TaskEvent>;

    async fn watch_tasks(&self, _: Request<WatchTasksRequest>) -> Answer<Self::WatchTasksStream> {
        let events = BroadcastStream::new(self.0.events.subscribe());
        Ok(Response::new(Box::pin(events.map(|event| event.map_err(|lost| Status::data_loss(lost.to_string()))))))
    }

    async fn get_task(&self, _: Request<GetTaskRequest>) -> Answer<GetTaskResponse> {
        Err(Status::unimplemented("GetTask"))
    }
    async fn delete_task(&self, _: Request<DeleteTaskRequest>) -> Answer<DeleteTaskResponse> {
        Err(Status::unimplemented("DeleteTask"))
    }
    async fn list_tasks(&self, _: Request<ListTasksRequest>) -> Answer<ListTasksResponse> {
        Err(Status::unimplemented("ListTasks"))
    }
}

/// Under the writer's lock, so that watchers see changes in the order of their commits.
fn publish(store: &Store, event_type: TaskEventType, task: &Task) {
    // An error only says that nobody watches.
    let _ = store.events.send(TaskEvent {
        event_type: event_type as i32,
        task: Some(task.clone()),
        ..Default::default()
    });
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: steward-peer-tonic DIR")?);
    std::fs::create_dir_all(&folder)?;
    let store = Arc::new(Store::open(folder.join("peer.db"))?);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    Server::builder()
        .tcp_nodelay(true)
        .add_service(InventoryServer::new(Items(store.clone())))
        .add_service(TaskManagerServer::new(Tasks(store)))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), async move {
            terminate.recv().await;
        })
        .await?;
    Ok(())
}
