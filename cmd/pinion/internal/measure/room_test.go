package measure

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"testing/fstest"
)

// files makes a file system of names and contents.
func files(nameAndText ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(nameAndText); i += 2 {
		m[nameAndText[i]] = &fstest.MapFile{Data: []byte(nameAndText[i+1])}
	}
	return m
}

func TestRoomIsTheLeastOfAllLimits(t *testing.T) {
	const (
		gib     = 1 << 30
		meminfo = "MemTotal:       8388608 kB\nMemFree:         100 kB\nMemAvailable:    3145728 kB\n" // 3 GiB
		noLimit = int64(math.MaxInt64)
	)
	for _, c := range []struct {
		name   string
		root   fstest.MapFS
		limit  int64
		want   uint64
		reason string
	}{
		{"nothing is known", files(), noLimit, math.MaxUint - gib, "the address space"},
		{"memory of the machine", files("proc/meminfo", meminfo), noLimit, 3 * gib, "the memory that is available (MemAvailable in /proc/meminfo)"},
		{"GOMEMLIMIT", files("proc/meminfo", meminfo), 2*gib + gib/2, gib + gib/2, "GOMEMLIMIT"},
		{"GOMEMLIMIT is exceeded", files(), gib / 2, 0, "GOMEMLIMIT"},
		{"address space", files(
			"proc/meminfo", meminfo,
			"proc/self/limits", "Limit                     Soft Limit           Hard Limit           Units\n"+
				"Max resident set          unlimited            unlimited            bytes\n"+
				"Max address space         2147483648           unlimited            bytes\n",
			"proc/self/status", "Name:\tpinion\nVmSize:\t 1048576 kB\nVmRSS:\t 7 kB\n",
		), noLimit, gib, "the limit of the address space (ulimit -v)"},
		{"address space without a limit", files(
			"proc/meminfo", meminfo,
			"proc/self/limits", "Max address space         unlimited            unlimited            bytes\n",
		), noLimit, 3 * gib, "the memory that is available (MemAvailable in /proc/meminfo)"},
		{"control group, version 2", files(
			"proc/meminfo", meminfo,
			"proc/self/cgroup", "0::/job/inner\n",
			"sys/fs/cgroup/job/inner/memory.max", "2147483648\n",
			"sys/fs/cgroup/job/inner/memory.current", "1610612736\n",
			"sys/fs/cgroup/job/inner/memory.stat", "anon 5\ninactive_file 536870912\n",
		), noLimit, gib, "the memory limit of the control group /sys/fs/cgroup/job/inner"},
		{"the outer group is tighter", files(
			"proc/self/cgroup", "0::/job/inner\n",
			"sys/fs/cgroup/job/inner/memory.max", "max\n",
			"sys/fs/cgroup/job/inner/memory.current", "5\n",
			"sys/fs/cgroup/job/memory.max", "1073741824\n",
			"sys/fs/cgroup/job/memory.current", "1073741823\n",
		), noLimit, 1, "the memory limit of the control group /sys/fs/cgroup/job"},
		{"a path that is the host's", files(
			"proc/self/cgroup", "0::/kubepods/pod7/c0ffee\n",
			"sys/fs/cgroup/memory.max", "1073741824\n",
			"sys/fs/cgroup/memory.current", "0\n",
		), noLimit, gib, "the memory limit of the control group /sys/fs/cgroup"},
		{"control group, version 1", files(
			"proc/self/cgroup", "5:devices:/\n4:memory:/job\n0::/\n",
			"sys/fs/cgroup/memory/job/memory.limit_in_bytes", "1073741824\n",
			"sys/fs/cgroup/memory/job/memory.usage_in_bytes", "536870912\n",
			"sys/fs/cgroup/memory/job/memory.stat", "cache 9\ntotal_inactive_file 536870912\n",
		), noLimit, gib, "the memory limit of the control group /sys/fs/cgroup/memory/job"},
		{"more is used than is allowed", files(
			"proc/self/cgroup", "0::/\n",
			"sys/fs/cgroup/memory.max", "1073741824\n",
			"sys/fs/cgroup/memory.current", "1073741999\n",
		), noLimit, 0, "the memory limit of the control group /sys/fs/cgroup"},
		{"garbage", files(
			"proc/meminfo", "MemAvailable:\nMemAvailable: lots kB\n",
			"proc/self/cgroup", "\n:\n::\nmemory\n0:memory\n7:memory:/x\n",
			"sys/fs/cgroup/memory/x/memory.limit_in_bytes", "plenty\n",
		), noLimit, math.MaxUint - gib, "the address space"},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := min(c.want, math.MaxUint-gib)
			got, reason := room(c.root, gib, c.limit)
			if got != want || reason != c.reason && got < math.MaxUint-gib {
				t.Errorf("room = %d, %q; want %d, %q", got, reason, want, c.reason)
			}
		})
	}
}

func TestRoomOfThisMachineIsReasonable(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	bytes, limit := Room()
	if bytes < 1<<20 || limit == "" {
		t.Errorf("room = %d bytes by %q: not even a mebibyte", bytes, limit)
	}
}

// ballast is kept alive while memory is measured.
var ballast []byte

func TestMemoryGrowsWithWhatIsUsed(t *testing.T) {
	before, how := Memory()
	if how != "RSS" && (runtime.GOOS == "linux" || how != "runtime") {
		t.Errorf("measured by %q", how)
	}
	const size = 64 << 20
	ballast = make([]byte, size)
	for i := range ballast {
		ballast[i] = 1
	}
	after, _ := Memory()
	if after < before+size*9/10 {
		t.Errorf("memory went from %d to %d with %d more in use", before, after, size)
	}
	ballast = nil
}
