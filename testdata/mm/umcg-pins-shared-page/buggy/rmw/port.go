// Package rmw is umcg_pin_and_load as the mail proposes: the load becomes an atomic operation on the member.
//
//mm:kernel v5.17
package rmw

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// UmcgPinAndLoad pins the page of the task's struct umcg_task, and reads a member by an operation that writes it, so that the user
// mapping exists and may be written. Nobody says that it still maps the page which is pinned.
func UmcgPinAndLoad(mm *MmStruct, self uint64) (page *Page, ret int) {
	page = actors.PinUserPagesFast(mm, self, FollPin)
	if page == nil {
		return nil, -EFAULT
	}
	if !PageAnon(page) || actors.UserAccess(mm, self, true) == nil { // unsafe_try_cmpxchg_user
		UnpinUserPage(page)
		return nil, -EFAULT
	}
	return page, 0
}
