package storage_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"comity"
	"comity/storage"
)

// TestEveryMethodTakesAViewer fails for a method of the store that does not ask who looks.
func TestEveryMethodTakesAViewer(t *testing.T) {
	ofTheStoreItself := []string{"Close", "Engine", "Ready", "Watch"}
	ctx, viewer := reflect.TypeFor[context.Context](), reflect.TypeFor[comity.Viewer]()
	store := reflect.TypeFor[*storage.Store]()
	for m := range store.Methods() {
		if slices.Contains(ofTheStoreItself, m.Name) {
			continue
		}
		if m.Type.NumIn() < 3 || m.Type.In(1) != ctx || m.Type.In(2) != viewer {
			t.Errorf("%s: want (ctx context.Context, v comity.Viewer, …), got %v", m.Name, m.Type)
		}
	}
	if store.NumMethod() < 50 {
		t.Errorf("only %d methods were looked at", store.NumMethod())
	}
}
