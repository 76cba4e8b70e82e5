// Package buggy is umcg_pin_and_load of the series of January 2022: it pins for reading, and loads.
//
//mm:kernel v5.17
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// UmcgPinAndLoad pins the page of the task's struct umcg_task, and loads a member through the user's mapping. Pinning a page
// inhibits rmap based unmap for Anon pages. Doing a load through the user mapping ensures the user mapping exists. From then on
// kernel and program work on the struct by atomic operations on the user's address.
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
