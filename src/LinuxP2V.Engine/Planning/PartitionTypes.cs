using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Planning;

internal enum PartitionContent
{
    FileSystem,
    Swap,
    PhysicalVolume,
    EfiSystem,
}

/// <summary>Partition types: GPT GUIDs in lower case, MBR's as two hex digits.</summary>
internal static class PartitionTypes
{
    public const string BiosBoot = "21686148-6449-6e6f-744e-656564454649";
    private const string EfiSystem = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
    private const string Prep = "9e1a2d38-c612-4316-aa26-8b49521e5a8b";
    private const string LinuxRaid = "a19d880f-05fc-4d3b-a006-743f0f84911e";
    private const string LinuxLuks = "ca7d7ccb-63ed-4c53-861c-1742536059cc";

    public static bool IsBiosBoot(string? type) => Is(type, BiosBoot);

    public static bool IsEfiSystem(string? type) => Is(type, EfiSystem) || Is(type, "ef");

    /// <summary>Kept although nothing that is copied lies on it: the boot loader needs it.</summary>
    public static bool IsBootArea(string? type) => IsBiosBoot(type) || IsEfiSystem(type) || Is(type, Prep) || Is(type, "41");

    public static bool IsExtended(string? type) => Is(type, "05") || Is(type, "0f") || Is(type, "85") || Is(type, "5") || Is(type, "f");

    /// <summary>Whether the type names a layer that the copy does not have.</summary>
    public static bool IsWrapping(string? type) => Is(type, LinuxRaid) || Is(type, LinuxLuks) || Is(type, "fd") || Is(type, "e8");

    public static string For(PartitionTableKind table, PartitionContent content) =>
        (table, content) switch
        {
            (PartitionTableKind.Mbr, PartitionContent.Swap) => "82",
            (PartitionTableKind.Mbr, PartitionContent.PhysicalVolume) => "8e",
            (PartitionTableKind.Mbr, PartitionContent.EfiSystem) => "ef",
            (PartitionTableKind.Mbr, _) => "83",
            (_, PartitionContent.Swap) => "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f",
            (_, PartitionContent.PhysicalVolume) => "e6d6d379-f507-44c2-a23c-238f2a3df928",
            (_, PartitionContent.EfiSystem) => EfiSystem,
            _ => "0fc63daf-8483-4772-8e79-3d69d8477de4",
        };

    private static bool Is(string? type, string expected) => string.Equals(type, expected, StringComparison.OrdinalIgnoreCase);
}
