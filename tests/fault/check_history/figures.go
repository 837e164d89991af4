package main

import "sort"

// What a history was like, in words that a table of figures has.
type figures struct {
	Calls        int            `json:"calls"`
	Acknowledged int            `json:"acknowledged"`   // keys that were written, deleted or read
	Writes       int            `json:"writes"`         // of these, written or deleted
	Failed       int            `json:"failed"`         // keys
	Unknown      int            `json:"unknown"`        // keys
	CallsFailed  int            `json:"calls_failed"`   // with a key that failed or is unknown
	Listings     int            `json:"listings"`       // that came to their end
	Codes        map[string]int `json:"codes"`          // calls by the codes of their errors
	Seconds      float64        `json:"seconds"`        // from the first start to the last end
	LongestGapMs float64        `json:"longest_gap_ms"` // between two calls that succeeded
	P50Ms        float64        `json:"p50_ms"`         // of calls of keys, however they ended
	P99Ms        float64        `json:"p99_ms"`
	MaxMs        float64        `json:"max_ms"`
}

func milliseconds(nanoseconds int64) float64 { return float64(nanoseconds) / 1e6 }

func figuresOf(calls []call) figures {
	f := figures{Calls: len(calls), Codes: map[string]int{}}
	if len(calls) == 0 {
		return f
	}
	var ends, durations []int64
	first, last := calls[0].Start, calls[0].End
	for _, c := range calls {
		if c.Start < first {
			first = c.Start
		}
		if c.End > last {
			last = c.End
		}
		for _, code := range c.Codes {
			f.Codes[code]++
		}
		good := 0
		for _, outcome := range c.Outcomes {
			switch outcome {
			case succeeded:
				good++
			case failed:
				f.Failed++
			default:
				f.Unknown++
			}
		}
		if good == len(c.Outcomes) {
			ends = append(ends, c.End)
		} else {
			f.CallsFailed++
		}
		if c.isListing() {
			f.Listings += good
			continue
		}
		durations = append(durations, c.End-c.Start)
		f.Acknowledged += good
		if c.Verb != "mget" {
			f.Writes += good
		}
	}
	f.Seconds = float64(last-first) / 1e9
	f.LongestGapMs = milliseconds(longestGap(first, last, ends))
	if n := len(durations); n > 0 {
		sort.Slice(durations, func(i, j int) bool { return durations[i] < durations[j] })
		f.P50Ms = milliseconds(durations[n/2])
		f.P99Ms = milliseconds(durations[n*99/100])
		f.MaxMs = milliseconds(durations[n-1])
	}
	return f
}

// longestGap returns the longest time between neighbours of `first`, the times and `last`.
func longestGap(first, last int64, times []int64) int64 {
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	longest := int64(0)
	for _, t := range append(times, last) {
		if t-first > longest {
			longest = t - first
		}
		first = t
	}
	return longest
}
