/* Dates: the calendar's arithmetic, in old-style definitions, bit-fields and results that are structs. */
#include <stdio.h>
#include <string.h>

struct date {
	unsigned day : 5, month : 4;
	int year : 20;
};
union stamp {
	struct date date;
	unsigned char bytes[sizeof(struct date)];
};
enum weekday { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

static inline int is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static int days_in(month, year)
	unsigned month;
	int year;
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && is_leap(year));
}

static struct date make_date(year, month, day)
	int year;
	unsigned month, day;
{
	struct date d = {.year = year, .month = month, .day = day};
	return d;
}

static long number_of(struct date d)
{
	long y = d.year - (d.month <= 2), era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
	long doy = (153 * ((long)d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static struct date date_of(long number)
{
	long z = number + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
	long yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	long mp = (5 * doy + 2) / 153;
	unsigned month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	return make_date((int)(yoe + era * 400 + (month <= 2)), month, (unsigned)(doy - (153 * mp + 2) / 5 + 1));
}

static enum weekday weekday_of(struct date d)
{
	return (enum weekday)((number_of(d) % 7 + 10) % 7);
}

static struct date add_months(struct date d, int n)
{
	int months = d.year * 12 + (int)d.month - 1 + n;
	d.year = months / 12;
	d.month = (unsigned)(months % 12) + 1;
	if ((int)d.day > days_in(d.month, d.year))
		d.day = (unsigned)days_in(d.month, d.year);
	return d;
}

static struct date easter(year)
	int year;
{
	int a = year % 19, b = year / 100, c = year % 100, d = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
	int e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7, f = d + e - 7 * ((a + 11 * d + 22 * e) / 451) + 114;
	return make_date(year, (unsigned)f / 31, (unsigned)f % 31 + 1);
}

static struct date nth(int n, enum weekday day, unsigned month, int year)
{
	struct date d = make_date(year, month, 1u);
	while (weekday_of(d) != day)
		d.day++;
	d.day += 7u * (unsigned)(n - 1);
	return d;
}

static int compare(struct date a, struct date b)
{
	return number_of(a) < number_of(b) ? -1 : number_of(a) > number_of(b);
}

static char *write_date(char *to, struct date d)
{
	sprintf(to, "%s %04d-%02u-%02u", names[weekday_of(d)], d.year, d.month, d.day);
	return to;
}

static int read_date(const char *text, struct date *to)
{
	int year, used = 0;
	unsigned month, day;
	if (sscanf(text, "%d-%u-%u%n", &year, &month, &day, &used) != 3 || text[used] || month - 1 >= 12)
		return 0;
	if (day < 1 || (int)day > days_in(month, year))
		return 0;
	*to = make_date(year, month, day);
	return 1;
}

int main(void)
{
	char text[40], other[40];
	static const char *const given[] = {"2000-02-29", "1900-02-29", "2024-13-01", "1970-01-01", "1582-10-15", "2024-12-31x", "-44-03-15"};
	for (int i = 0; i < 7; i++) {
		union stamp s;
		memset(&s, 0, sizeof s);
		if (read_date(given[i], &s.date))
			printf("%s is day %ld, and back %s\n", write_date(text, s.date), number_of(s.date), write_date(other, date_of(number_of(s.date))));
		else
			printf("%s is none\n", given[i]);
	}
	int wrong = 0;
	for (long n = -800000; n < 800000; n += 997)
		wrong += number_of(date_of(n)) != n;
	printf("%d wrong\n", wrong);
	for (int year = 2020; year < 2026; year++)
		printf("%s %s\n", write_date(text, easter(year)), write_date(other, nth(4, THURSDAY, 11, year)));
	struct date d = make_date(2023, 8, 31);
	for (int i = 0; i < 30; i += 7)
		printf("%s ", write_date(text, add_months(d, i)));
	printf("\n%d %d\n", compare(d, add_months(d, 1)), compare(date_of(number_of(d)), d));
	return 0;
}
