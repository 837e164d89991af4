// check_history decides whether what the clients of a store saw can be: for each key, whether its
// history is one of a last-write-wins register with the timestamps of clients, where an operation whose
// outcome is unknown may have happened or not; and whether each listing had every key that lived through
// it, none that was gone throughout, and none twice.
//
//	check_history FILE...
//
// The files have a call a line, as JSON (history.go). It prints the figures of the history as JSON, with
// a line for each thing that is wrong under `wrong`, and ends with code 1 if there is one.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

type verdict struct {
	figures
	Wrong []string `json:"wrong"`
}

func judge(calls []call) verdict {
	wrong := append(wrongKeys(calls), wrongListings(calls)...)
	if wrong == nil {
		wrong = []string{}
	}
	return verdict{figures: figuresOf(calls), Wrong: wrong}
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: check_history FILE...")
		os.Exit(2)
	}
	calls, err := readHistory(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "check_history:", err)
		os.Exit(2)
	}
	found := judge(calls)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(found); err != nil {
		fmt.Fprintln(os.Stderr, "check_history:", err)
		os.Exit(2)
	}
	if len(found.Wrong) > 0 {
		os.Exit(1)
	}
}
