using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.FileSystems;

/// <summary>What is on a device.</summary>
/// <param name="Type">As blkid names it.</param>
/// <param name="Specification">For what can be made again.</param>
/// <param name="Detail">LUKS version.</param>
public sealed record DeviceContent(string Type, string? Uuid, string? Label, FileSystemSpec? Specification = null, string? Detail = null);
