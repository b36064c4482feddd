package streams

import "github.com/pinion-go/pinion/future"

// form is a way to write the future that reads a stream.
type form struct {
	async bool // by compiling a function, and not by hand
	// spawn starts the task that reads a stream.
	spawn func(cx *future.Context, s *stream) (reading, error)
}

var (
	byHand  = form{spawn: spawn[reader]}
	byAsync = form{async: true, spawn: spawn[compiled]}
)

// label is how the source is called in findings about its stream and in dumps.
func (f form) label(src *Source) string {
	if f.async {
		return src.Name + " (async)"
	}
	return src.Name
}

// reading is the task that reads one stream, as its lane sees it.
type reading interface {
	poll(cx *future.Context) future.Poll // Ready when the task is done
	cancel(cx *future.Context)
	outcome() (Tally, error)
	release(cx *future.Context)
}

// reads is what the futures of both forms have in common.
type reads[F any] interface {
	*F
	future.Future
	init(s *stream) error
	outcome() (Tally, error) // when Poll has been Ready
}

// task is a reading by a future F.
type task[F any, P reads[F]] struct {
	future.Task[F]
	wait future.TaskWaitFuture[F]
}

func spawn[F any, P reads[F]](cx *future.Context, s *stream) (reading, error) {
	t, err := future.SpawnInit[F, P](cx, func(f *F) error { return P(f).init(s) }, future.Named(s.name))
	if err != nil {
		return nil, err
	}
	return &task[F, P]{t, t.WaitAsync()}, nil
}

// poll waits in any case, also when it is cancelled: the future may have a read in
// flight.
func (t *task[F, P]) poll(cx *future.Context) future.Poll { return cx.PollShielded(&t.wait) }

func (t *task[F, P]) cancel(cx *future.Context)  { t.CancelCx(cx) }
func (t *task[F, P]) release(cx *future.Context) { t.ReleaseCx(cx) }

func (t *task[F, P]) outcome() (Tally, error) {
	f, err := t.wait.Result()
	if err != nil {
		return Tally{}, err
	}
	return P(f).outcome()
}
