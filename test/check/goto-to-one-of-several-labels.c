// A goto that runs cleanups has to know its label.
// RUN: not %asyncc %s -o %t.c 2>&1 | FileCheck %s
// CHECK: error: a goto that runs cleanups on its way needs a label of another name than 'end', which there are several of
#include <async.h>

async int step(int n);
void bye(int *n);

async int f(int n)
{
	{
		__label__ end;
		if (n > 7)
			goto end;
		await step(1);
	end:
		n++;
	}
	{
		__attribute__((cleanup(bye))) int guard = 1;
		if (await step(guard))
			goto end;
	}
end:
	return n;
}
