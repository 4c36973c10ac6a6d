namespace LinuxP2V.Engine.Destinations;

public enum DiskFormat
{
    Thin,
    Thick,
    EagerZeroedThick,
}
