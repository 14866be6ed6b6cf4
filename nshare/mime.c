#include "mime.h"

#include "lib/path.h"

#define TEXT(type) "text/" type "; charset=utf-8"

#define NAME(literal)                        \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	struct slice extension;
	const char *type;
} types[] = {
    {NAME("mp3"), "audio/mpeg"},
    {NAME("flac"), "audio/flac"},
    {NAME("ogg"), "audio/ogg"},
    {NAME("opus"), "audio/ogg"},
    {NAME("oga"), "audio/ogg"},
    {NAME("m4a"), "audio/mp4"},
    {NAME("aac"), "audio/aac"},
    {NAME("wav"), "audio/wav"},
    {NAME("mid"), "audio/midi"},
    {NAME("m3u"), "audio/x-mpegurl"},
    {NAME("m3u8"), "application/vnd.apple.mpegurl"},
    {NAME("mp4"), "video/mp4"},
    {NAME("m4v"), "video/mp4"},
    {NAME("mkv"), "video/x-matroska"},
    {NAME("webm"), "video/webm"},
    {NAME("avi"), "video/x-msvideo"},
    {NAME("mov"), "video/quicktime"},
    {NAME("mpg"), "video/mpeg"},
    {NAME("mpeg"), "video/mpeg"},
    {NAME("ogv"), "video/ogg"},
    {NAME("ts"), "video/mp2t"},
    {NAME("jpg"), "image/jpeg"},
    {NAME("jpeg"), "image/jpeg"},
    {NAME("png"), "image/png"},
    {NAME("gif"), "image/gif"},
    {NAME("webp"), "image/webp"},
    {NAME("avif"), "image/avif"},
    {NAME("svg"), "image/svg+xml"},
    {NAME("bmp"), "image/bmp"},
    {NAME("ico"), "image/vnd.microsoft.icon"},
    {NAME("tif"), "image/tiff"},
    {NAME("tiff"), "image/tiff"},
    {NAME("txt"), TEXT("plain")},
    {NAME("text"), TEXT("plain")},
    {NAME("md"), TEXT("markdown")},
    {NAME("log"), TEXT("plain")},
    {NAME("csv"), TEXT("csv")},
    {NAME("htm"), TEXT("html")},
    {NAME("html"), TEXT("html")},
    {NAME("css"), TEXT("css")},
    {NAME("js"), TEXT("javascript")},
    {NAME("json"), "application/json"},
    {NAME("xml"), "application/xml"},
    {NAME("pdf"), "application/pdf"},
    {NAME("ps"), "application/postscript"},
    {NAME("epub"), "application/epub+zip"},
    {NAME("zip"), "application/zip"},
    {NAME("gz"), "application/gzip"},
    {NAME("tgz"), "application/gzip"},
    {NAME("bz2"), "application/x-bzip2"},
    {NAME("xz"), "application/x-xz"},
    {NAME("zst"), "application/zstd"},
    {NAME("tar"), "application/x-tar"},
    {NAME("7z"), "application/x-7z-compressed"},
    {NAME("rtf"), "application/rtf"},
    {NAME("wasm"), "application/wasm"},
    {NAME("woff2"), "font/woff2"},
};

const char *
mime_type(struct slice path)
{
	struct slice extension = path_extension(path);

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (slice_eq_nocase(extension, types[i].extension))
			return types[i].type;
	return "application/octet-stream";
}
