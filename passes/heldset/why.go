package heldset

import (
	"fmt"
	"go/token"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// why says which clause is broken and where it was read. A clause that was inferred from a body says what the body does, and is
// placed there if that is in this package.
func (f *function) why(c *lockorder.Clause, k *callee, v lockorder.Violation[Obj]) (text string, at token.Pos) {
	if !inferredClause(c) {
		return fmt.Sprintf("the rule is %q, from %s", c.Key(), c.Provenance()), token.NoPos
	}
	owner := literalName(strings.TrimPrefix(c.Owner, "func "))
	if c.Verb == lockorder.Excludes && len(c.From) > 0 && c.From[0].Symbol != "" {
		return fmt.Sprintf("%s takes %s at %s", literalName(c.From[0].Symbol), v.Event.Lock.Describe(f.name), c.From[0].File), token.NoPos
	}
	text = owner + " " + inWords(c.Body(), k)
	if len(c.From) > 0 && c.From[0].File != "" {
		text += ", because of " + c.Provenance()
	}
	return text, f.pkg.places[c]
}

// inferredClause says whether a clause stands in no contract, but is what a function was found to do.
func inferredClause(c *lockorder.Clause) bool {
	return c.Pos == (lockorder.Position{}) && strings.HasPrefix(c.Owner, "func ")
}

// literalName is what a reader calls a function literal, which SSA numbers: "Link$2".
func literalName(name string) string {
	if strings.Contains(name, "$") {
		return "the function literal"
	}
	return name
}

var (
	theLock   = regexp.MustCompile(`\*\(([^()]*)\)`)
	inferred  = regexp.MustCompile(`#(free)?(\d+)(\.\*)?`)
	lockModes = strings.NewReplacer(" any", "", " write", " for writing", " read", " for reading")
)

// inWords returns a clause as a reader knows its lock: "requires fs.mu if hdr.Typeflag == 54".
func inWords(body string, k *callee) string {
	body = lockModes.Replace(theLock.ReplaceAllString(body, "$1"))
	if k == nil || k.fn == nil {
		return body
	}
	return inferred.ReplaceAllStringFunc(body, func(s string) string {
		m := inferred.FindStringSubmatch(s)
		i, _ := strconv.Atoi(m[2]) // digits
		if m[1] != "" {
			if i < len(k.fn.FreeVars) {
				return k.fn.FreeVars[i].Name()
			}
			return s
		}
		if name := argName(k.fn, i); name != "" {
			return name
		}
		return s
	})
}

// argName returns the name of the i-th parameter, the receiver counted.
func argName(fn *ssa.Function, i int) string {
	if recv := fn.Signature.Recv(); recv != nil {
		if i == 0 {
			return recv.Name()
		}
		i--
	}
	if i < fn.Signature.Params().Len() {
		return fn.Signature.Params().At(i).Name()
	}
	return ""
}
