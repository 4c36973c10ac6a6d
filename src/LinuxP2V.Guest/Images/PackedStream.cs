namespace LinuxP2V.Guest.Images;

/// <summary>How a part of an initramfs is compressed.</summary>
public enum PackedKind
{
    Gzip,
    Zstd,
    Xz,
    Lzma,
    Lz4,
    Lzo,
    Bzip2,
}

/// <summary>Tells a compression by the first bytes, as the kernel does.</summary>
internal static class PackedKinds
{
    private static readonly (PackedKind Kind, byte[] Start)[] Starts =
    [
        (PackedKind.Gzip, [0x1F, 0x8B]),
        (PackedKind.Zstd, [0x28, 0xB5, 0x2F, 0xFD]),
        (PackedKind.Xz, [0xFD, 0x37, 0x7A, 0x58, 0x5A]),
        (PackedKind.Lzma, [0x5D, 0x00, 0x00]),
        // The kernel reads the older format, which lz4 -l writes.
        (PackedKind.Lz4, [0x02, 0x21, 0x4C, 0x18]),
        (PackedKind.Lz4, [0x04, 0x22, 0x4D, 0x18]),
        (PackedKind.Lzo, [0x89, 0x4C, 0x5A, 0x4F]),
        (PackedKind.Bzip2, [0x42, 0x5A, 0x68]),
    ];

    /// <returns>Null for what is none of them.</returns>
    public static PackedKind? Of(byte[] start) =>
        Starts
            .Where(known => start.Length >= known.Start.Length && known.Start.SequenceEqual(start.Take(known.Start.Length)))
            .Select(known => (PackedKind?)known.Kind)
            .FirstOrDefault();
}
