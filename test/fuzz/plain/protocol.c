/* Packets: headers of bit-fields, values by tag and length, numbers of either byte order through unions, checksums, fragments that
 * come out of order, and two sides that talk until all has arrived. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MTU = 40, WINDOW = 4, MAGIC = 0x5 };
enum tag { END, BYTE, WORD, LONG, REAL, TEXT, LIST, N_TAGS };

union bits {
	uint8_t bytes[8];
	uint16_t word;
	uint32_t half;
	uint64_t whole;
	double real;
	float single[2];
	struct { uint32_t low, high; };
};

struct __attribute__((packed)) header {
	unsigned magic : 4;
	unsigned kind : 3;
	_Bool last : 1;
	uint16_t length;
	unsigned sequence : 12;
	signed skew : 4;
	uint32_t sum;
};
_Static_assert(sizeof(struct header) == 9, "packed");

enum kind { DATA, ACK, NAK, RESET };
struct packet {
	struct header header;
	uint8_t body[MTU];
};

struct buffer {
	size_t size, room;
	uint8_t *at;
};

struct reader {
	const uint8_t *at, *end;
	unsigned failed : 1, depth : 5;
	unsigned long long : 0;
	const char *why;
};

/* ---- bytes ---- */

static void put(struct buffer *buffer, const void *data, size_t size)
{
	if (buffer->size + size > buffer->room) {
		buffer->room = 2 * (buffer->size + size);
		buffer->at = realloc(buffer->at, buffer->room);
		if (!buffer->at)
			abort();
	}
	memcpy(buffer->at + buffer->size, data, size);
	buffer->size += size;
}

static void put_byte(struct buffer *buffer, uint8_t byte)
{
	put(buffer, &byte, 1);
}

static union bits swapped(union bits value, int size)
{
	union bits other = {0};
	for (int i = 0; i < size; i++)
		other.bytes[size - 1 - i] = value.bytes[i];
	return other;
}

static void put_number(struct buffer *buffer, enum tag tag, union bits value)
{
	static const uint8_t sizes[N_TAGS] = {[BYTE] = 1, [WORD] = 2, [LONG] = 8, [REAL] = 8};
	put_byte(buffer, tag);
	put(buffer, swapped(value, sizes[tag]).bytes, sizes[tag]);
}

static void put_text(struct buffer *buffer, const char *text)
{
	put_byte(buffer, TEXT);
	put_byte(buffer, (uint8_t)strlen(text));
	put(buffer, text, strlen(text));
}

static uint32_t checksum(const void *data, size_t size, uint32_t sum)
{
	const uint8_t *at = data;
	union {
		uint32_t both;
		struct { uint16_t a, b; };
	} halves = {sum};
	while (size--) {
		halves.a = (halves.a + *at++) % 65521;
		halves.b = (halves.b + halves.a) % 65521;
	}
	return halves.both;
}

/* ---- reading ---- */

static const uint8_t *take(struct reader *reader, size_t size)
{
	static const uint8_t nothing[256];
	if (reader->failed || (size_t)(reader->end - reader->at) < size) {
		if (!reader->failed)
			reader->why = "it ends early";
		return reader->failed = 1, nothing;
	}
	return (reader->at += size) - size;
}

static union bits take_number(struct reader *reader, int size)
{
	union bits value = {0};
	memcpy(value.bytes, take(reader, size), size);
	return swapped(value, size);
}

struct shape {
	long items, texts, sum;
	double reals;
	unsigned deepest : 5;
	uint32_t text_sum;
};

static struct shape join(struct shape a, struct shape b)
{
	return (struct shape){a.items + b.items, a.texts + b.texts, a.sum + b.sum, a.reals + b.reals,
	                      a.deepest > b.deepest ? a.deepest : b.deepest, a.text_sum ^ b.text_sum};
}

static struct shape read_list(struct reader *reader);

static struct shape read_value(struct reader *reader, enum tag tag)
{
	struct shape shape = {.items = 1, .deepest = reader->depth};
	switch (tag) {
	case BYTE:
		shape.sum = take_number(reader, 1).bytes[0];
		break;
	case WORD:
		shape.sum = (int16_t)take_number(reader, 2).word;
		break;
	case LONG:
		shape.sum = (long)take_number(reader, 8).whole;
		break;
	case REAL:
		shape.reals = take_number(reader, 8).real;
		break;
	case TEXT: {
		uint8_t size = *take(reader, 1);
		shape.text_sum = checksum(take(reader, size), size, 1);
		shape.texts++;
		break;
	}
	case LIST:
		return join(shape, read_list(reader));
	case END:
	default:
		reader->failed = 1, reader->why = "an unknown tag";
	}
	return shape;
}

static struct shape read_list(struct reader *reader)
{
	struct shape all = {0};
	reader->depth++;
	for (enum tag tag; !reader->failed && (tag = *take(reader, 1)) != END;)
		all = join(all, read_value(reader, tag));
	reader->depth--;
	return all;
}

/* ---- packets ---- */

static struct packet make_packet(enum kind kind, unsigned sequence, const uint8_t *data, unsigned length, _Bool last)
{
	struct packet packet = {.header = {.magic = MAGIC, .kind = kind, .last = last, .length = length, .sequence = sequence}};
	packet.header.skew = (int)(sequence % 16) - 8;
	if (length)
		memcpy(packet.body, data, length);
	packet.header.sum = checksum(packet.body, length, checksum(&packet.header, offsetof(struct header, sum), 1));
	return packet;
}

static _Bool is_sound(const struct packet *packet)
{
	struct header copy = packet->header;
	uint32_t sum = copy.sum;
	if (copy.magic != MAGIC || copy.length > MTU || copy.skew != (int)(copy.sequence % 16) - 8)
		return 0;
	return sum == checksum(packet->body, copy.length, checksum(&copy, offsetof(struct header, sum), 1));
}

/* A wire that loses, repeats, breaks and reorders. */
struct wire {
	struct packet in_flight[16];
	int n;
	unsigned dice;
	int lost, broken, doubled;
};

static unsigned roll(struct wire *wire, unsigned sides)
{
	wire->dice = wire->dice * 22695477u + 1;
	return (wire->dice >> 16) % sides;
}

static void carry(struct wire *wire, struct packet packet)
{
	if (roll(wire, 8) == 0) {
		wire->lost++;
		return;
	}
	if (roll(wire, 10) == 0)
		packet.body[roll(wire, MTU)] ^= 1 << roll(wire, 8), packet.header.kind ^= 1, wire->broken++;
	for (int copies = roll(wire, 9) == 0 ? (wire->doubled++, 2) : 1; copies-- && wire->n < 16;) {
		int place = roll(wire, wire->n + 1);
		wire->in_flight[wire->n++] = wire->in_flight[place];
		wire->in_flight[place] = packet;
	}
}

static _Bool arrives(struct wire *wire, struct packet *packet)
{
	if (wire->n == 0)
		return 0;
	*packet = wire->in_flight[--wire->n];
	return 1;
}

struct sender {
	const struct buffer *message;
	unsigned n_parts;
	uint32_t acknowledged[8]; /* a bit each */
	int sent;
};
struct receiver {
	uint8_t *parts;
	uint32_t have[8];
	unsigned n_parts, arrived, length;
	int unsound, repeated;
};

#define HAS(set, n) ((set)[(n) / 32] >> (n) % 32 & 1)
#define ADD(set, n) ((set)[(n) / 32] |= (uint32_t)1 << (n) % 32)

static void send_window(struct sender *sender, struct wire *wire)
{
	int in_window = 0;
	for (unsigned i = 0; i < sender->n_parts && in_window < WINDOW; i++) {
		if (HAS(sender->acknowledged, i))
			continue;
		unsigned from = i * MTU, left = (unsigned)sender->message->size - from;
		carry(wire, make_packet(DATA, i, sender->message->at + from, left < MTU ? left : MTU, i + 1 == sender->n_parts));
		sender->sent++, in_window++;
	}
}

static void receive(struct receiver *receiver, struct wire *in, struct wire *out)
{
	for (struct packet packet; arrives(in, &packet);) {
		if (!is_sound(&packet)) {
			receiver->unsound++;
			continue;
		}
		unsigned n = packet.header.sequence;
		if (HAS(receiver->have, n))
			receiver->repeated++;
		else {
			ADD(receiver->have, n);
			memcpy(receiver->parts + n * MTU, packet.body, packet.header.length);
			receiver->arrived++;
			receiver->length += packet.header.length;
			if (packet.header.last)
				receiver->n_parts = n + 1;
		}
		carry(out, make_packet(ACK, n, NULL, 0, 0));
	}
}

static void take_acknowledgements(struct sender *sender, struct wire *wire)
{
	struct packet packet;
	while (arrives(wire, &packet))
		if (is_sound(&packet) && packet.header.kind == ACK)
			ADD(sender->acknowledged, packet.header.sequence);
}

static void make_message(struct buffer *message, int seed)
{
	char text[40];
	for (int i = 0; i < 6 + seed; i++) {
		put_byte(message, LIST);
		put_number(message, BYTE, (union bits){.bytes = {i}});
		put_number(message, WORD, (union bits){.word = (uint16_t)(-i * 100)});
		put_number(message, LONG, (union bits){.low = i, .high = i & 1 ? ~0u : 0});
		put_number(message, REAL, (union bits){.real = i / 4.0});
		snprintf(text, sizeof text, "part %d of %d", i, seed);
		put_text(message, text);
		for (int k = 0; k < i % 4; k++)
			put_byte(message, LIST);
		for (int k = 0; k <= i % 4; k++)
			put_byte(message, END);
	}
	put_byte(message, END);
}

static void talk(int seed)
{
	struct buffer message = {0};
	make_message(&message, seed);
	struct wire there = {.dice = seed}, back = {.dice = seed + 1};
	struct sender sender = {&message, (unsigned)(message.size + MTU - 1) / MTU, {0}, 0};
	struct receiver receiver = {.parts = calloc(sender.n_parts, MTU)};
	int rounds = 0;
	while ((!receiver.n_parts || receiver.arrived < receiver.n_parts) && ++rounds < 200) {
		send_window(&sender, &there);
		receive(&receiver, &there, &back);
		take_acknowledgements(&sender, &back);
	}
	struct reader reader = {receiver.parts, receiver.parts + receiver.length, 0, 0, "fine"};
	struct shape shape = read_list(&reader);
	printf("%zu bytes in %u parts, %d rounds, %d sent, %d lost, %d broken, %d doubled, %d unsound, %d repeated: %s\n", message.size,
	       sender.n_parts, rounds, sender.sent, there.lost, there.broken, there.doubled, receiver.unsound, receiver.repeated,
	       receiver.length == message.size && !memcmp(receiver.parts, message.at, message.size) ? "the same" : "different");
	printf("  %ld items, %ld texts, sum %ld, reals %.2f, depth %u, %08x, %s\n", shape.items, shape.texts, shape.sum, shape.reals,
	       shape.deepest, (unsigned)shape.text_sum, reader.why);
	reader = (struct reader){message.at, message.at + message.size / 2, .why = "fine"};
	shape = read_list(&reader);
	printf("  half of it: %ld items, %s\n", shape.items, reader.why);
	free(message.at);
	free(receiver.parts);
}

int main(void)
{
	for (int seed = 1; seed < 6; seed += 2)
		talk(seed);
	return 0;
}
