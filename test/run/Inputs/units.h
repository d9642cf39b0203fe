struct pair { int a, b; };
async struct pair split(int n);
async int join(struct pair pair);
async int total(int n, ...);
