// The frozen part of the contract by grpc-go with mattn/go-sqlite3, as its users would plainly write it: a transaction an
// add, WAL, synchronous=FULL, statements kept prepared, one connection that writes, a pool that reads.
//
//	peer DIR
//
// keeps its database in DIR, takes a free port and prints "listening on http://HOST:PORT". The packages under gen are
// made from proto/ when it is built.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/mattn/go-sqlite3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"steward/peer/gen/inventory"
	"steward/peer/gen/taskmanager"
)

const schema = `
CREATE TABLE IF NOT EXISTS items (
  name TEXT PRIMARY KEY, quantity INTEGER NOT NULL, price REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tasks (
  id TEXT PRIMARY KEY, title TEXT NOT NULL, description TEXT NOT NULL, status INTEGER NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
) WITHOUT ROWID;`

// eventsHeld is how many events a watcher may be behind before it is told that it lost some.
const eventsHeld = 1024

type items struct {
	inventory.UnimplementedInventoryServer
	insert, find, list *sql.Stmt
}

func newItems(writer, reader *sql.DB) *items {
	return &items{
		insert: prepare(writer, "INSERT INTO items (name, quantity, price) VALUES (?, ?, ?)"),
		find:   prepare(reader, "SELECT name, quantity, price FROM items WHERE name = ?"),
		list:   prepare(reader, "SELECT name, quantity, price FROM items ORDER BY name"),
	}
}

func (s *items) AddItem(_ context.Context, in *inventory.AddItemRequest) (*inventory.AddItemResponse, error) {
	if in.Name == "" {
		return nil, status.Error(codes.InvalidArgument, "name is required")
	}
	if _, err := s.insert.Exec(in.Name, in.Quantity, in.Price); err != nil {
		var failure sqlite3.Error
		if errors.As(err, &failure) && failure.Code == sqlite3.ErrConstraint {
			return nil, status.Errorf(codes.AlreadyExists, "item '%s' already exists", in.Name)
		}
		return nil, err
	}
	return &inventory.AddItemResponse{Name: in.Name, Status: "created"}, nil
}

func (s *items) GetItem(_ context.Context, in *inventory.GetItemRequest) (*inventory.GetItemResponse, error) {
	var item inventory.GetItemResponse
	err := s.find.QueryRow(in.Name).Scan(&item.Name, &item.Quantity, &item.Price)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, status.Errorf(codes.NotFound, "item '%s' not found", in.Name)
	}
	if err != nil {
		return nil, err
	}
	return &item, nil
}

func (s *items) ListItems(_ *inventory.ListItemsRequest, out grpc.ServerStreamingServer[inventory.ListItemsResponse]) error {
	rows, err := s.list.QueryContext(out.Context())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var item inventory.ListItemsResponse
		if err := rows.Scan(&item.Name, &item.Quantity, &item.Price); err != nil {
			return err
		}
		if err := out.Send(&item); err != nil {
			return err
		}
	}
	return rows.Err()
}

type tasks struct {
	taskmanager.UnimplementedTaskManagerServer
	insert, update *sql.Stmt
	// mu makes watchers see changes in the order of their commits.
	mu       sync.Mutex
	watchers map[chan *taskmanager.TaskEvent]struct{}
}

const taskColumns = "id, title, description, status, created_at, updated_at"

func newTasks(writer *sql.DB) *tasks {
	return &tasks{
		insert: prepare(writer, "INSERT INTO tasks ("+taskColumns+") VALUES (?, ?, ?, ?, ?, ?)"),
		update: prepare(writer, "UPDATE tasks SET title = coalesce(nullif(?, ''), title), "+
			"description = coalesce(nullif(?, ''), description), status = coalesce(nullif(?, 0), status), updated_at = ? "+
			"WHERE id = ? RETURNING "+taskColumns),
		watchers: map[chan *taskmanager.TaskEvent]struct{}{},
	}
}

func (s *tasks) CreateTask(_ context.Context, in *taskmanager.CreateTaskRequest) (*taskmanager.CreateTaskResponse, error) {
	if in.Title == "" {
		return nil, status.Error(codes.InvalidArgument, "Title is required")
	}
	time := now()
	task := &taskmanager.Task{
		Id:          uuid.NewString(),
		Title:       in.Title,
		Description: in.Description,
		Status:      taskmanager.TaskStatus_TASK_STATUS_TODO,
		CreatedAt:   time,
		UpdatedAt:   time,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.insert.Exec(task.Id, task.Title, task.Description, task.Status, task.CreatedAt, task.UpdatedAt)
	if err != nil {
		return nil, err
	}
	s.publish(taskmanager.TaskEventType_TASK_EVENT_TYPE_CREATED, task)
	return &taskmanager.CreateTaskResponse{Task: task}, nil
}

func (s *tasks) UpdateTask(_ context.Context, in *taskmanager.UpdateTaskRequest) (*taskmanager.UpdateTaskResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var task taskmanager.Task
	err := s.update.QueryRow(in.Title, in.Description, in.Status, now(), in.Id).
		Scan(&task.Id, &task.Title, &task.Description, &task.Status, &task.CreatedAt, &task.UpdatedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, status.Errorf(codes.NotFound, "Task '%s' not found", in.Id)
	}
	if err != nil {
		return nil, err
	}
	s.publish(taskmanager.TaskEventType_TASK_EVENT_TYPE_UPDATED, &task)
	return &taskmanager.UpdateTaskResponse{Task: &task}, nil
}

func (s *tasks) WatchTasks(_ *taskmanager.WatchTasksRequest, out grpc.ServerStreamingServer[taskmanager.TaskEvent]) error {
	events := make(chan *taskmanager.TaskEvent, eventsHeld)
	s.mu.Lock()
	s.watchers[events] = struct{}{}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.watchers, events)
		s.mu.Unlock()
	}()
	if err := out.SendHeader(metadata.MD{}); err != nil {
		return err
	}
	for {
		select {
		case <-out.Context().Done():
			return out.Context().Err()
		case event, open := <-events:
			if !open {
				return status.Error(codes.DataLoss, "the watcher was too slow")
			}
			if err := out.Send(event); err != nil {
				return err
			}
		}
	}
}

// publish is called with mu held.
func (s *tasks) publish(kind taskmanager.TaskEventType, task *taskmanager.Task) {
	event := &taskmanager.TaskEvent{EventType: kind, Task: task}
	for events := range s.watchers {
		select {
		case events <- event:
		default:
			delete(s.watchers, events)
			close(events)
		}
	}
}

func now() string {
	return time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
}

func prepare(db *sql.DB, query string) *sql.Stmt {
	statement, err := db.Prepare(query)
	if err != nil {
		log.Fatal(err)
	}
	return statement
}

func open(file string, connections int) *sql.DB {
	db, err := sql.Open("sqlite3", "file:"+file+"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: peer DIR")
	}
	if err := os.MkdirAll(os.Args[1], 0o777); err != nil {
		log.Fatal(err)
	}
	file := filepath.Join(os.Args[1], "peer.db")
	writer := open(file, 1)
	if _, err := writer.Exec(schema); err != nil {
		log.Fatal(err)
	}
	reader := open(file, 8)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	inventory.RegisterInventoryServer(server, newItems(writer, reader))
	taskmanager.RegisterTaskManagerServer(server, newTasks(writer))
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	go func() {
		<-terminate
		server.Stop()
	}()
	fmt.Printf("listening on http://%s\n", listener.Addr())
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
