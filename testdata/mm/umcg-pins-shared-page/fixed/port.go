// Package fixed is umcg_pin_and_load over GUP of v5.19, which breaks copy-on-write before it pins, also for reading.
//
//mm:kernel v5.19
package fixed

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// UmcgPinAndLoad pins the page of the task's struct umcg_task, and loads a member through the user's mapping. What GUP pins of
// anonymous memory is exclusive to the process since v5.19 (FAULT_FLAG_UNSHARE): the mapping stays what it is while it is pinned.
func UmcgPinAndLoad(mm *MmStruct, self uint64) (page *Page, ret int) {
	page = actors.PinUserPagesFast(mm, self, FollPin)
	if page == nil {
		return nil, -EFAULT
	}
	if !PageAnon(page) || actors.UserAccess(mm, self, false) == nil { // get_user
		UnpinUserPage(page)
		return nil, -EFAULT
	}
	return page, 0
}
