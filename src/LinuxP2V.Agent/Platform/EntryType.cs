namespace LinuxP2V.Agent.Platform;

/// <summary>The values are find's %y letters.</summary>
internal enum EntryType : byte
{
    Unknown = (byte)'?',
    File = (byte)'f',
    Directory = (byte)'d',
    Link = (byte)'l',
    Fifo = (byte)'p',
    Socket = (byte)'s',
    CharacterDevice = (byte)'c',
    BlockDevice = (byte)'b',
}
