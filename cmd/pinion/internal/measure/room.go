package measure

import (
	"io/fs"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// Room returns how many more bytes of memory the process may take, and what sets
// that limit. Where the system does not tell, the limit is the address space.
func Room() (bytes uint64, limit string) {
	debug.FreeOSMemory()
	return room(os.DirFS("/"), held(), debug.SetMemoryLimit(-1))
}

// room is Room with the files under root, the bytes that the Go runtime holds, and
// GOMEMLIMIT.
func room(root fs.FS, held uint64, memoryLimit int64) (bytes uint64, limit string) {
	bytes, limit = less(math.MaxUint, held), "the address space"
	lower := func(n uint64, what string) {
		if n < bytes {
			bytes, limit = n, what
		}
	}
	if memoryLimit < math.MaxInt64 {
		lower(less(uint64(memoryLimit), held), "GOMEMLIMIT")
	}
	if kb, ok := field(root, "proc/meminfo", "MemAvailable:"); ok {
		lower(kb<<10, "the memory that is available (MemAvailable in /proc/meminfo)")
	}
	if n, ok := addressLimit(root); ok {
		kb, _ := field(root, "proc/self/status", "VmSize:")
		lower(less(n, kb<<10), "the limit of the address space (ulimit -v)")
	}
	for _, dir := range controlGroups(root) {
		lower(groupRoom(root, dir), "the memory limit of the control group /"+dir)
	}
	return bytes, limit
}

// addressLimit returns RLIMIT_AS, if there is one; see proc_pid_limits(5).
func addressLimit(root fs.FS) (uint64, bool) {
	b, err := fs.ReadFile(root, "proc/self/limits")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "Max address space"); ok {
			soft, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			n, err := strconv.ParseUint(soft, 10, 64) // or "unlimited"
			return n, err == nil
		}
	}
	return 0, false
}

// controlGroups returns the directories of the process's memory control groups,
// from the innermost outwards; see cgroups(7).
func controlGroups(root fs.FS) (dirs []string) {
	b, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(b)) {
		id, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, path, _ := strings.Cut(rest, ":")
		base := ""
		switch {
		case id == "0" && controllers == "":
			base = "sys/fs/cgroup" // version 2
		case controllers == "memory":
			base = "sys/fs/cgroup/memory" // version 1
		default:
			continue
		}
		// In a container the path may be that on the host, and only its beginning
		// be there: the groups that are missing are passed over.
		for path = strings.Trim(path, "/"); path != ""; path = path[:max(0, strings.LastIndexByte(path, '/'))] {
			dirs = append(dirs, base+"/"+path)
		}
		dirs = append(dirs, base)
	}
	return dirs
}

// groupRoom returns what a control group's limit leaves. Memory that only caches
// files does not count as used: it goes when it is needed.
func groupRoom(root fs.FS, dir string) uint64 {
	for _, v := range []struct{ max, current, cache string }{
		{"memory.max", "memory.current", "inactive_file"},
		{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"},
	} {
		limit, ok := number(root, dir+"/"+v.max)
		if !ok {
			continue // also for "max"
		}
		used, _ := number(root, dir+"/"+v.current)
		cache, _ := field(root, dir+"/memory.stat", v.cache)
		return less(limit, less(used, cache))
	}
	return math.MaxUint64
}

// number reads a file that holds a number.
func number(root fs.FS, name string) (uint64, bool) {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil
}

// field reads the number behind name in a file of lines with a name and a number.
func field(root fs.FS, file, name string) (uint64, bool) {
	b, err := fs.ReadFile(root, file)
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == name {
			n, err := strconv.ParseUint(f[1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

// less returns a-b, or 0 if b is larger.
func less(a, b uint64) uint64 {
	if a < b {
		return 0
	}
	return a - b
}
