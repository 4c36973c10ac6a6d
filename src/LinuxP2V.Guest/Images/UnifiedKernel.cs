using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Images;

/// <summary>A part of a file.</summary>
/// <param name="Offset">Bytes from the file's start.</param>
/// <param name="Length">Bytes.</param>
public sealed record FilePart(long Offset, long Length);

/// <summary>A unified kernel image: an EFI program that carries kernel, initramfs and command line as sections.</summary>
/// <param name="CommandLine">Null where it has none of its own, so that the loader's counts.</param>
/// <param name="Version">Of the kernel; null where it is not said.</param>
/// <param name="Initramfs">Null where it carries none.</param>
public sealed record UnifiedKernel(string? CommandLine, string? Version, FilePart? Initramfs)
{
    private const int DosHeaderBytes = 64;
    private const int CoffHeaderBytes = 24;
    private const int SectionBytes = 40;
    private const int MostSections = 96;
    private const int MostTextBytes = 64 << 10;

    /// <param name="file">Can be read at any place.</param>
    /// <returns>Null for a file that is no unified kernel image.</returns>
    public static UnifiedKernel? Read(Stream file)
    {
        var sections = Sections(file);
        return sections is null || !sections.ContainsKey(".linux")
            ? null
            : new UnifiedKernel(
                Text(file, sections, ".cmdline"),
                Text(file, sections, ".uname"),
                sections.TryGetValue(".initrd", out var initramfs) ? initramfs : null
            );
    }

    /// <summary>Of several sections of one name the first counts.</summary>
    private static Dictionary<string, FilePart>? Sections(Stream file)
    {
        if (At(file, 0, DosHeaderBytes) is not [(byte)'M', (byte)'Z', ..] dos)
            return null;

        var start = BitConverter.ToUInt32(dos, 0x3C);
        if (At(file, start, CoffHeaderBytes) is not [(byte)'P', (byte)'E', 0, 0, ..] coff)
            return null;

        var count = BitConverter.ToUInt16(coff, 6);
        var table = start + CoffHeaderBytes + BitConverter.ToUInt16(coff, 20);
        if (count > MostSections || At(file, table, count * SectionBytes) is not { } bytes)
            return null;

        var sections = new Dictionary<string, FilePart>(StringComparer.Ordinal);
        for (var at = 0; at < bytes.Length; at += SectionBytes)
        {
            var name = Encodings.Latin1.GetString(bytes, at, 8).TrimEnd('\0');
            // What the file holds may be filled up; what is loaded is as long as it was.
            var length = Math.Min(BitConverter.ToUInt32(bytes, at + 8), BitConverter.ToUInt32(bytes, at + 16));
            var part = new FilePart(BitConverter.ToUInt32(bytes, at + 20), length);
            if (part.Offset + part.Length <= file.Length && !sections.ContainsKey(name))
                sections[name] = part;
        }

        return sections;
    }

    private static string? Text(Stream file, Dictionary<string, FilePart> sections, string name) =>
        sections.TryGetValue(name, out var part) && part.Length <= MostTextBytes && At(file, part.Offset, (int)part.Length) is { } bytes
            ? Encodings.Latin1.GetString(bytes).Trim('\0', '\n', ' ')
            : null;

    /// <returns>Null where the file ends before.</returns>
    private static byte[]? At(Stream file, long offset, int count)
    {
        if (offset + count > file.Length)
            return null;

        file.Position = offset;
        var bytes = new byte[count];
        var done = 0;
        while (done < count)
        {
            var read = file.Read(bytes, done, count - done);
            if (read == 0)
                return null;

            done += read;
        }

        return bytes;
    }
}
