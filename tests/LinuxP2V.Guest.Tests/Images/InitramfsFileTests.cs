using LinuxP2V.Guest.Images;
using LinuxP2V.Guest.Tests.Support;

namespace LinuxP2V.Guest.Tests.Images;

/// <summary>Images as the builders of initramfs write them.</summary>
public sealed class InitramfsFileTests
{
    private static readonly byte[] Microcode = KernelImages.Cpio(("kernel/x86/microcode/GenuineIntel.bin", "abc"));

    private static readonly byte[] Main = KernelImages.Cpio(
        ("init", "#!/bin/sh\n"),
        ("./etc/crypttab", "a /dev/sda4 none\n"),
        ("/lib/modules/1/k/vmw_pvscsi.ko.xz", "12345")
    );

    public static TheoryData<string, byte[]> All =>
        new()
        {
            { "plain", Main },
            { "packed", KernelImages.Gzip(Main) },
            { "microcode first", [.. Microcode, .. new byte[508], .. KernelImages.Gzip(Main)] },
            { "microcode first, the rest plain", [.. Microcode, .. Main, .. new byte[100]] },
            { "two in one", KernelImages.Gzip([.. Microcode, .. new byte[16], .. Main]) },
        };

    [Theory]
    [MemberData(nameof(All))]
    public void Any_order_of_archives(string name, byte[] image)
    {
        var files = KernelImages.Read(image);
        Assert.Equal(
            ["etc/crypttab", "init", "lib/modules/1/k/vmw_pvscsi.ko.xz"],
            files.Paths.Where(path => !path.Contains("microcode", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        );
        Assert.Equal(name is "plain" or "packed", files.Paths.Count == 3);
        Assert.Equal([new KeyValuePair<string, string>("etc/crypttab", "a /dev/sda4 none\n")], files.Texts);
    }

    [Fact]
    public void What_is_cut_off_or_damaged_is_no_image()
    {
        Assert.Throws<InvalidDataException>(() => KernelImages.Read(Main[..^100]));
        Assert.Throws<InvalidDataException>(() => KernelImages.Read([.. Microcode, .. KernelImages.Gzip(Main)[..40]]));
        Assert.Throws<InvalidDataException>(() => KernelImages.Read("no image"u8.ToArray()));
        Assert.Throws<InvalidDataException>(() => KernelImages.Read([.. Main, .. "behind it"u8]));
        // A compression that nothing here unpacks: LZO.
        Assert.Contains("Lzo", Assert.Throws<InvalidDataException>(() => KernelImages.Read([0x89, 0x4C, 0x5A, 0x4F, 0, 0])).Message);
        // A size of a file, and of a name, that no file has.
        foreach (var (at, digits) in ((int, string)[])[(6 + 6 * 8, "FFFFFFFF"), (6 + 11 * 8, "FFFFFFFF"), (6, "+0000000")])
        {
            var bad = (byte[])Main.Clone();
            System.Text.Encoding.ASCII.GetBytes(digits).CopyTo(bad, at == 6 ? 6 + 8 : at);
            Assert.Throws<InvalidDataException>(() => KernelImages.Read(bad));
        }

        Assert.Empty(KernelImages.Read([]).Paths);
    }

    [Theory]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 1, 1 }, PackedKind.Zstd)]
    [InlineData(new byte[] { 0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0 }, PackedKind.Xz)]
    [InlineData(new byte[] { 0x5D, 0, 0, 0x80, 0, 0 }, PackedKind.Lzma)]
    [InlineData(new byte[] { 2, 0x21, 0x4C, 0x18, 1, 1 }, PackedKind.Lz4)]
    [InlineData(new byte[] { (byte)'B', (byte)'Z', (byte)'h', (byte)'9', 1, 1 }, PackedKind.Bzip2)]
    public void Compressions_by_their_first_bytes(byte[] start, PackedKind kind)
    {
        PackedKind? asked = null;
        InitramfsFile.Read(
            new MemoryStream([.. Microcode, .. start]),
            (found, _) =>
            {
                asked = found;
                return new MemoryStream(Main);
            },
            _ => false
        );
        Assert.Equal(kind, asked);
    }

    [Fact]
    public void Sections_of_a_unified_kernel_image()
    {
        var initramfs = KernelImages.Gzip(Main);
        var image = KernelImages.Unified(
            (".osrel", "ID=x\n"u8.ToArray()),
            (".cmdline", "root=UUID=1 quiet\n\0"u8.ToArray()),
            (".uname", "6.1.0-1"u8.ToArray()),
            (".linux", new byte[50]),
            (".initrd", initramfs)
        );
        var unified = UnifiedKernel.Read(new MemoryStream(image))!;
        Assert.Equal(("root=UUID=1 quiet", "6.1.0-1"), (unified.CommandLine, unified.Version));
        var part = unified.Initramfs!;
        Assert.Equal(3, KernelImages.Read(image.AsSpan((int)part.Offset, (int)part.Length).ToArray()).Paths.Count);

        Assert.Null(UnifiedKernel.Read(new MemoryStream(KernelImages.Unified((".text", new byte[9]))))); // a boot loader
        Assert.Null(UnifiedKernel.Read(new MemoryStream("MZ"u8.ToArray())));
        Assert.Null(UnifiedKernel.Read(new MemoryStream(image[..200])));
        Assert.Null(UnifiedKernel.Read(new MemoryStream(KernelImages.Unified((".linux", new byte[9]))))!.CommandLine);
    }
}
