// Package pin keeps values at fixed addresses, and recognises every use of a
// value that is no longer there.
//
// Values that point into themselves, that stand in intrusive lists, or whose address the kernel or C has, must
// not move. Go has no type for that. This package has the memory ([Arena], [New], [Block]), the handles ([Pin]), and
// the checks ([Anchor], [NoMove], [Self]).
//
// # What Go really does
//
// Today's garbage collector does not move heap objects. What breaks an address in Go is a copy of the value, append to a
// full slice, growth of a map, growth of the goroutine's stack that the value is on, and the reuse of
// the memory for the next value. [runtime.Pinner] is the language's promise that a future collector
// will not move a pinned object either, that the object stays alive, and that C may hold its
// address. It does not pin what the object points at. A Pinner that is forgotten crashes the process, and one that
// is copied unpins what is not its own; here they are kept where neither can happen.
//
// # The contract
//
// A value passes through four phases, and only forwards:
//
//  1. Fresh: being built. It may be copied and moved, and holds no pointer to itself. In the init of [Arena.New] it
//     has its final address already.
//  2. Pinned: from the return of New on. Its address is valid, and it, other pinned values, the kernel and C may
//     hold pointers to it and into it.
//  3. Done: [Pin.Release] was called. Handles answer [*StaleError]. Those who said [Pin.Hold] may still
//     use the pointers that they have.
//  4. Reclaimed: Done, and the last holder said [Pin.Unhold]. Drop runs exactly once ([Dropper]), and then
//     the memory may be used for another value.
//
// Every old handle is recognised as stale, for ever, by its generation:
//
//	         slot (in a chunk, which never moves)
//	        +-----------------------------------------+------------------+
//	header: | generation | holds | index | arena       | value            |
//	        +-----------------------------------------+------------------+
//	              ^                                     ^
//	              | must be equal                       | address
//	Pin:    +-----+------+---------+---------------+    |
//	        | generation | off     | ptr           | ---+
//	        +------------+---------+---------------+
//	                       from ptr back to the header
//
//	generation  0    1        2            3        4
//	            new  New      Release      New      Release ...
//	                 pinned   done, free   pinned   done, free
//
// The generation of a slot is odd while a value is pinned in it. New makes it odd and Release makes it even, at once, so that one
// comparison tells all that a handle has to know; while the value is held, the next New is not yet
// possible, and the number stays. A slot is retired before its
// generation would wrap, after 2^31 values, and generation 0, which all zeroed memory has, is no handle's.
//
// # Goroutines
//
// An arena, its handles and its values belong to one goroutine at a time. Handing them over takes the synchronisation that
// any Go value takes. Different arenas are independent of each other.
//
// # What is not guaranteed
//
//   - A *T from [Pin.Get] is a plain pointer. Its use after Release is not noticed, except in an arena with
//     [Options].Debug, which finds writes after the fact, and off-heap makes every access fault.
//   - Nothing stops a program from copying a pinned value. [Anchor] notices when the copy is used as if it were pinned, and vet
//     notices some copies of what has a [NoMove].
//   - What a pinned value points at is not pinned.
//   - Go code may not keep Go pointers in off-heap memory, and is not prevented from doing so through
//     unsafe. [NewArena] refuses types that have them.
//   - Off-heap memory is returned to the kernel at Close, its addresses are not: they are used for nothing else until the process
//     ends. A program that opens and closes off-heap arenas for ever runs out of its 47 bits of them after 128 TiB.
//   - Values without pointers keep their bytes after they are reclaimed, until the slot is used again. Clear secrets in Drop.
//
// The contract is that of Rust's std::pin, generational handles are those of slot maps and of Vale's generational references.
package pin
