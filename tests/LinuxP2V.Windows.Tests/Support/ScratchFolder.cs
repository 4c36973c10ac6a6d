using LinuxP2V.Lab;

namespace LinuxP2V.Windows.Tests.Support;

/// <summary>The folder of one run; it is emptied at the start, and stays for whoever looks into a failure.</summary>
internal sealed class ScratchFolder
{
    private readonly string _folder;

    public ScratchFolder(string name)
    {
        _folder = LabPaths.Run(name);
        Directory.Delete(_folder, recursive: true);
        Directory.CreateDirectory(_folder);
    }

    public string Of(string name) => Path.Combine(_folder, name);
}
