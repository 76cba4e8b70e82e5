package lockorder

import (
	"slices"
	"strings"
)

// maxSuggest is the longest word that is compared with the known ones: the comparison takes time in the product of the
// lengths, and no name of the kernel is longer.
const maxSuggest = 80

// suggest returns the known word that is closest to word, or "" if none is close or word is known itself. Of several, it
// is the first in alphabetical order.
func suggest(word string, known []string) string {
	best, bestDistance := "", len(word)/3+2
	if len(word) > maxSuggest || word == "" {
		return ""
	}
	for _, k := range slices.Sorted(slices.Values(known)) {
		if k == word {
			return ""
		}
		if len(k) > maxSuggest || k == "" {
			continue
		}
		if d := editDistance(word, k); d < bestDistance && d < len(k) {
			best, bestDistance = k, d
		}
	}
	return best
}

// Suggest returns the hint "did you mean X?", or "" if no known word is close.
func Suggest(word string, known []string) string {
	if s := suggest(word, known); s != "" {
		return "did you mean " + s + "?"
	}
	return ""
}

// editDistance counts the insertions, deletions, replacements and swaps of neighbours that make a from b.
func editDistance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	before, last, now := rows[0], rows[1], rows[2]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}

// oneOf lists the words of which one is meant, for a hint.
func oneOf(words []string) string {
	if len(words) == 1 {
		return "write " + words[0]
	}
	return "write one of " + strings.Join(words, ", ")
}

// suggestOr returns the suggestion for word, or, if there is none, the list of all.
func suggestOr(word string, known []string) string {
	if s := Suggest(word, known); s != "" || len(known) == 0 {
		return s
	}
	return oneOf(known)
}
