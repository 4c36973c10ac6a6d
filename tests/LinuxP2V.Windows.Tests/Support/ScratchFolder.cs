using LinuxP2V.Lab;

namespace LinuxP2V.Windows.Tests.Support;

/// <summary>The folder of one run; it is emptied at the start, and stays for whoever looks into a failure.</summary>
internal sealed class ScratchFolder
{
    private readonly string folder;

    public ScratchFolder(string name)
    {
        folder = LabPaths.Run(name);
        Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
    }

    public string Of(string name) => Path.Combine(folder, name);
}
