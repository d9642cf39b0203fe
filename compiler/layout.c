/* layout.c: where the fields of a generated frame are: asks libclang to read our own output.  One of the few files that know
 * libclang, and like parse.c only by way of a unit. */
#include "parse.h"

#include <string.h>

struct layout_walk {
	struct unit *unit;
	const char *name; /* of the struct */
	CXType type;      /* the struct's */
	struct frame_layout *layout;
};

static enum CXVisitorResult add_field(CXCursor cursor, CXClientData arg)
{
	struct layout_walk *walk = arg;
	CXType type = clang_getCursorType(cursor);
	struct field_layout field = {
		.name = keep_string(walk->unit, clang_getCursorSpelling(cursor)),
		.type = keep_string(walk->unit, clang_getTypeSpelling(type)),
		.size = (long)clang_Type_getSizeOf(type),
	};
	if (!field.name[0] || strchr(field.name, ' ')) { /* a union of fields, a struct in it: its members lie in the frame */
		clang_Type_visitFields(type, add_field, walk);
		return CXVisit_Continue;
	}
	field.offset = (long)clang_Type_getOffsetOf(walk->type, field.name) / 8;
	list_add(walk->unit->arena, &walk->layout->fields, field);
	return CXVisit_Continue;
}

static void find_struct(CXCursor cursor, void *arg)
{
	struct layout_walk *walk = arg;
	if (clang_getCursorKind(cursor) != CXCursor_StructDecl || !clang_isCursorDefinition(cursor))
		return;
	if (strcmp(keep_string(walk->unit, clang_getCursorSpelling(cursor)), walk->name))
		return;
	CXType type = clang_getCursorType(cursor);
	walk->type = type;
	walk->layout->size = (long)clang_Type_getSizeOf(type);
	walk->layout->align = (long)clang_Type_getAlignOf(type);
	clang_Type_visitFields(type, add_field, walk);
}

struct unit *read_output(struct unit *unit)
{
	size_t size;
	struct output *output = output_create("", false, unit->source->size);
	emit_unit(unit, output);
	const char *data = output_data(output, &size);
	struct unit *read = read_lowered(unit, data, size);
	output_destroy(output);
	return read;
}

struct unit *read_lowered(struct unit *unit, const char *data, size_t size)
{
	struct unit *read = arena_alloc(unit->arena, sizeof *read);
	read->arena = unit->arena;
	read->options = unit->options;
	read->source = source_from_text(unit->arena, unit->source->path, data, size);
	read->clang = parse_unit(read);
	return read->clang ? read : NULL;
}

struct frame_layout lay_out_frame(struct unit *lowered, const char *function)
{
	struct frame_layout layout = { 0 };
	struct layout_walk walk = { .unit = lowered, .name = arena_printf(lowered->arena, "%s__frame", function), .layout = &layout };
	each_child(clang_getTranslationUnitCursor(lowered->clang->tu), find_struct, &walk);
	return layout;
}
