namespace LinuxP2V.Engine.Conversions;

/// <summary>A conversion's file that cannot be read: damaged, empty, or written by another version.</summary>
/// <param name="Path">Of the file.</param>
/// <param name="WrittenAt">When it was last changed.</param>
public sealed record DamagedConversion(string Id, string Path, DateTimeOffset WrittenAt, P2VException Failure);
