using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Events;

/// <summary>Something about a single file that could not be copied as it is.</summary>
/// <param name="Path">From the volume's root on, with a leading slash.</param>
/// <param name="PartlyRead">
/// Of a file that came with zeros in place of what could not be read, or is there no more: its name from the volume's root
/// on, without a slash before it.
/// </param>
internal sealed record CopyIncident(CopyIncidentKind Kind, string Path, string? Detail, byte[]? PartlyRead = null);
