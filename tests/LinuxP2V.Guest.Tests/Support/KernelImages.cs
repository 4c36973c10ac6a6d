using System.Globalization;
using System.IO.Compression;
using System.Text;
using LinuxP2V.Guest.Images;
using LinuxP2V.Guest.Initramfs;

namespace LinuxP2V.Guest.Tests.Support;

/// <summary>Images of the kernel's formats, made byte by byte.</summary>
internal static class KernelImages
{
    /// <summary>A cpio archive of the format "newc" of plain files.</summary>
    public static byte[] Cpio(params (string Path, string Text)[] files)
    {
        var archive = new MemoryStream();
        foreach (var (path, text) in files.Append(("TRAILER!!!", "")))
        {
            var fields = new long[13];
            fields[1] = path == "TRAILER!!!" ? 0 : 0x81A4;
            fields[6] = text.Length;
            fields[11] = path.Length + 1;
            Write(
                archive,
                "070701" + string.Concat(fields.Select(field => field.ToString("X8", CultureInfo.InvariantCulture))) + path + "\0"
            );
            Write(archive, text);
        }

        return archive.ToArray();
    }

    public static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);

        return packed.ToArray();
    }

    public static InitramfsFiles Read(byte[] image) =>
        InitramfsFile.Read(
            new MemoryStream(image),
            (kind, packed) => kind == PackedKind.Gzip ? new GZipStream(packed, CompressionMode.Decompress) : null,
            ImageContent.IsSetting
        );

    /// <summary>An initramfs of files; those whose names end with a slash and a module's are of no text.</summary>
    public static ImageContent Content(params (string Path, string Text)[] files) => new(Read(Cpio([("init", "x"), .. files])));

    /// <summary>A unified kernel image: an EFI program with these sections.</summary>
    public static byte[] Unified(params (string Name, byte[] Content)[] sections)
    {
        const int Start = 0x80;
        const int OptionalBytes = 16;
        var image = new byte[Start + 24 + OptionalBytes + sections.Length * 40 + sections.Sum(section => section.Content.Length + 3)];
        var writer = new BinaryWriter(new MemoryStream(image));
        void At(int offset) => writer.BaseStream.Position = offset;

        writer.Write("MZ"u8);
        At(0x3C);
        writer.Write(Start);
        At(Start);
        writer.Write("PE\0\0"u8);
        writer.Write((ushort)0x8664);
        writer.Write((ushort)sections.Length);
        At(Start + 20);
        writer.Write((ushort)OptionalBytes);
        var data = Start + 24 + OptionalBytes + sections.Length * 40;
        for (var index = 0; index < sections.Length; index++)
        {
            var (name, content) = sections[index];
            At(Start + 24 + OptionalBytes + index * 40);
            writer.Write(Encoding.Latin1.GetBytes(name.PadRight(8, '\0')));
            writer.Write(content.Length);
            writer.Write(0);
            // Sections are filled up in the file.
            writer.Write(content.Length + 3);
            writer.Write(data);
            At(data);
            writer.Write(content);
            data += content.Length + 3;
        }

        return image;
    }

    private static void Write(MemoryStream archive, string text)
    {
        archive.Write(Encoding.Latin1.GetBytes(text));
        while (archive.Length % 4 != 0)
            archive.WriteByte(0);
    }
}
