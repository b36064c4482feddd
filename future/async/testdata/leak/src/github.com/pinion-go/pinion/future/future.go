// Package future stands in for the real one: the analyzer looks at names and twins.
package future

import "time"

type Poll bool

type Context struct{}

type Future interface{ Poll(*Context) Poll }

func Await[F any](f F) *F { return &f }

func Block(f Future) error { return nil }

type SleepFuture struct{}

func (*SleepFuture) Poll(*Context) Poll { return true }
func (*SleepFuture) Result() error      { return nil }
func Sleep(d time.Duration) error       { time.Sleep(d); return nil }
func SleepAsync(time.Duration) SleepFuture {
	return SleepFuture{}
}

type YieldFuture struct{}

func (*YieldFuture) Poll(*Context) Poll { return true }
func (*YieldFuture) Result()            {}
func Yield()                            {}
func YieldAsync() YieldFuture           { return YieldFuture{} }

type Task[F any] struct{ f F }

type TaskWaitFuture[F any] struct{ f *F }

func (*TaskWaitFuture[F]) Poll(*Context) Poll  { return true }
func (*TaskWaitFuture[F]) Result() (*F, error) { return nil, nil }
func (t Task[F]) Wait() (*F, error)            { return &t.f, nil }
func (t Task[F]) WaitAsync() TaskWaitFuture[F] { return TaskWaitFuture[F]{} }

type Loop struct{}

func (*Loop) RunUntilIdle() error { return nil }

type FromFuncFuture[T any] struct{}

func (*FromFuncFuture[T]) Poll(*Context) Poll { return true }
func (*FromFuncFuture[T]) Result() (t T, err error) {
	return t, nil
}
func FromFunc[T any](f func() (T, error)) FromFuncFuture[T] { return FromFuncFuture[T]{} }
