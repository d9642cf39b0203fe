// What stands in the bound of an array of a run-time size is looked at like any expression.
// RUN: not %asyncc %s -o - 2>&1 | FileCheck %s
#include <async.h>

async int size_of(int n);
int plain(int n);

// CHECK: [[@LINE+1]]:31: error: async function 'size_of' called without await
async int use(int n, int a[n][size_of(n)])
{
	// CHECK: [[@LINE+1]]:10: error: cannot await '2'
	int one[await 2][n];
	// CHECK: [[@LINE+1]]:10: error: async function 'size_of' called without await
	int two[size_of(n)][n];
	// CHECK: [[@LINE+1]]:18: error: cannot await a call of 'plain'
	int (*three)[n][await plain(n)];
	// CHECK: [[@LINE+1]]:18: error: async function 'size_of' called without await
	typedef int row[size_of(n)];
	return a[0][0] + sizeof one + sizeof two + sizeof **three + sizeof(row);
}

// The entry has the user's parameter list, and the frame the bounds.
// CHECK: [[@LINE+1]]:36: error: a call or an assignment in a bound of the parameter 'a' would not run as often as in C: do it in the function
async int assigned(int n, int a[n][n++])
{
	return a[0][0];
}

// CHECK: [[@LINE+1]]:31: error: a call or an assignment in a bound of the parameter 'a'
async int called(int n, int a[plain(n)])
{
	return a[n];
}
