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
