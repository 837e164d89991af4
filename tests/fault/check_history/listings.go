package main

import "fmt"

// lastBefore returns the latest start of the operations of one kind that were over before a time.
func lastBefore(operations []operation, areDeletions bool, time int64) (int64, bool) {
	latest, found := int64(0), false
	for _, o := range operations {
		if !o.isRead && (o.value == absent) == areDeletions && o.outcome == succeeded && o.end < time {
			if !found || o.start > latest {
				latest, found = o.start, true
			}
		}
	}
	return latest, found
}

// mayUndo returns whether an operation of one kind may be newer than what began at `since`, and have
// an effect before `until`.
func mayUndo(operations []operation, areDeletions bool, since, until int64) bool {
	for _, o := range operations {
		if !o.isRead && (o.value == absent) == areDeletions && o.start <= until && o.end >= since {
			return true
		}
	}
	return false
}

// livedThrough returns whether the key was certainly there from `start` to `end`.
func livedThrough(operations []operation, start, end int64) bool {
	written, found := lastBefore(operations, false, start)
	return found && !mayUndo(operations, true, written, end)
}

// wasGone returns whether the key was certainly not there from `start` to `end`.
func wasGone(operations []operation, start, end int64) bool {
	deleted, found := lastBefore(operations, true, start)
	if !found {
		deleted = 0 // as nothing was there before the first write
	}
	return !mayUndo(operations, false, deleted, end)
}

// wrongListings returns a line for each key that a listing skipped, repeated or made up.
func wrongListings(calls []call) []string {
	byKey := operationsByKey(calls)
	var wrong []string
	for _, c := range calls {
		if !c.isListing() || c.Outcomes[0] != succeeded {
			continue
		}
		times := map[int]int{}
		for _, key := range c.Keys {
			times[key]++
		}
		report := func(key int, what string) {
			wrong = append(wrong, fmt.Sprintf("key %d: a listing by client %d at %.6f to %.6f s %s",
				key, c.Client, float64(c.Start)/1e9, float64(c.End)/1e9, what))
		}
		for key, operations := range byKey {
			if times[key] == 0 && livedThrough(operations, c.Start, c.End) {
				report(key, "skipped it, though it was there throughout")
			}
		}
		for key, count := range times {
			if count > 1 {
				report(key, fmt.Sprintf("had it %d times", count))
			}
			if wasGone(byKey[key], c.Start, c.End) {
				report(key, "had it, though it was gone throughout")
			}
		}
	}
	return wrong
}
