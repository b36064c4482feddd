// Package future runs futures: state machines that stay where they are in memory
// while they wait, so that they may point into themselves and be pointed into by
// others. A waiting future costs its own bytes and 32 more, and no goroutine.
//
// # Futures, wakers, executors
//
// A [Future] is polled: it does what it can, and either is [Ready] or returns
// [Pending] having arranged for its [Waker] to be woken. An executor owns the
// memory of its futures and polls those that were woken:
//
//   - [Block] runs one future on the calling goroutine,
//   - [Loop] runs many, one turn at each call of Step, inside any event loop,
//   - [Runtime] runs very many, on one loop for each core.
//
// A [Waker] is a number, not a pointer. It resolves to a header that lives as
// long as the process and knows its generation, so that a waker may be kept for
// ever and used from anywhere:
//
//	Waker                    header, 32 B                 future, pinned
//	+-------+------+-------+ +--------------------------+ +-----------------+
//	| owner | slot | gen   | | generation | wake bit    | | your fields     |
//	+---+---+--+---+-------+ | slab, index -----------------> state, buffer |
//	    |      |             | flags, holds ...         | |   ^     |       |
//	    v      +-----------> +--------------------------+ |   +-----+ Self  |
//	  loop's directory of headers                         +-----------------+
//
// # What is guaranteed
//
//   - A future does not move from its first poll until it is reclaimed, and its
//     memory is pinned (see package pin) for the kernel and for C.
//   - No wake is lost; any number of wakes between two polls cause one poll; a
//     waker of a task that is gone does nothing, whatever now uses its slot.
//   - A started future is polled until it is Ready. [Task.Cancel] asks; nothing is
//     ever dropped half way, and what an operation obtained anyway is handed back.
//   - A task's Drop runs exactly once, after its result is no longer wanted, and
//     before its memory is used again.
//   - A panic or runtime.Goexit in a poll, in Drop, in an initialiser or in a
//     callback ends that one task. It is reported with its stack.
//   - A loop with nothing to do sleeps. A burst of wakes rouses it once.
//   - A wait list hands out turns, not things: a waiter that is offered a turn and
//     is not polled loses it to the next, so that nobody can hold up others by not
//     being polled ("futurelock").
//
// # What is not
//
//   - Fairness between tasks is first come, first served in the queue of one loop;
//     loops do not steal tasks from each other.
//   - A poll that does not return stops its loop. A blocking call of this package
//     inside a poll is found and refused; other blocking calls are not.
//   - Spurious polls are allowed, and futures must cope with them.
//   - A started future may be handed from task to task, but not to another loop: its
//     timers and children are of the loop that polled it first.
//   - A future that panics while an operation inside it is under way leaves that
//     operation registered; its memory is then set aside and not reused.
//   - Priorities, and any order among timers with equal deadlines.
//
// # Writing a future
//
// Embed [pin.Anchor] and call its Check at each poll, so that a copy of a started
// future is caught. Poll children with the context that was passed in. Having
// returned Pending, expect to be polled at any time; having returned Ready, never
// again. Check [Context.Canceled] where something is begun.
//
// The vocabulary is Rust's (core::future, core::task and the executors tokio and
// embassy); what differs is that a started future cannot be dropped.
package future
