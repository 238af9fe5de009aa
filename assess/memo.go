package assess

import (
	"sync"
	"sync/atomic"
)

// memo remembers what a pure function returned, for functions that are dear and asked the same again and again: one
// catalogue has a dozen intervals and four bands for the whole group. It never changes a result. Beyond its bound, which
// only organisations with bands of their own reach, it computes anew.
type memo[K comparable, V any] struct {
	known sync.Map
	count atomic.Int64
}

const memoBound = 512

func (m *memo[K, V]) get(key K, compute func() V) V {
	if v, ok := m.known.Load(key); ok {
		known, _ := v.(V) // only V is stored
		return known
	}
	v := compute()
	if m.count.Load() < memoBound {
		if _, loaded := m.known.LoadOrStore(key, v); !loaded {
			m.count.Add(1)
		}
	}
	return v
}
