package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// The outcomes of a key in a call, as the store reported them.
const (
	succeeded = '.'
	failed    = 'f' // certainly not applied
	unknown   = 'u' // applied, not applied, or applied later
)

// What a read has in place of a value's number.
const (
	absent = 0
	torn   = -1 // no value that anybody wrote to this key, or not the whole of it
)

// A call of a store, as the program that made it has recorded it. Times are nanoseconds of one clock
// for all programs.
type call struct {
	Verb     string   `json:"verb"` // mset, mdelete, mget or yield_keys
	Client   int      `json:"client"`
	Start    int64    `json:"start"`
	End      int64    `json:"end"`
	Keys     []int    `json:"keys"`     // of yield_keys, those that were listed
	Values   []int64  `json:"values"`   // of mset and mget, a number for each key; no two writes have the same
	Outcomes string   `json:"outcomes"` // one for each key; of yield_keys one for the whole
	Codes    []string `json:"codes"`    // of the errors, each once
}

func (c *call) isListing() bool { return c.Verb == "yield_keys" }

// check returns what is wrong with the record itself.
func (c *call) check() error {
	outcomes := len(c.Keys)
	values := 0
	switch c.Verb {
	case "mset", "mget":
		values = len(c.Keys)
	case "mdelete":
	case "yield_keys":
		outcomes = 1
	default:
		return fmt.Errorf("there is no verb %q", c.Verb)
	}
	if len(c.Outcomes) != outcomes || len(c.Values) != values {
		return fmt.Errorf("%s has %d keys, %d values and %d outcomes", c.Verb, len(c.Keys), len(c.Values), len(c.Outcomes))
	}
	if c.Start > c.End {
		return fmt.Errorf("%s ends before it starts", c.Verb)
	}
	return nil
}

// readHistory returns the calls of several files, which have one call a line.
func readHistory(paths []string) ([]call, error) {
	var calls []call
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		decoder := json.NewDecoder(bufio.NewReaderSize(file, 1<<20))
		for decoder.More() {
			var c call
			if err = decoder.Decode(&c); err == nil {
				err = c.check()
			}
			if err != nil {
				file.Close()
				return nil, fmt.Errorf("%s, call %d: %w", path, len(calls)+1, err)
			}
			calls = append(calls, c)
		}
		file.Close()
	}
	return calls, nil
}
