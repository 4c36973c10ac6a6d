namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>A program of the source before which a script runs, in the program's own folder and with its arguments.</summary>
internal sealed class FakeTool : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("p2v-tool-").FullName;
    private readonly string name;

    /// <param name="before">May end by itself, or call the real one as "$real".</param>
    public FakeTool(string name, string before)
    {
        this.name = name;
        File.WriteAllText(Path.Combine(folder, name), $"#!/bin/sh\nreal={folder}/real\n{before}\nexec \"$real\" \"$@\"\n");
        Shell.Run($"cp /usr/bin/{name} real; chmod 755 {name} real", folder);
    }

    /// <summary>For a server's replaced tools.</summary>
    public string Mount => $"mount --bind {folder}/{name} /usr/bin/{name}";

    /// <summary>For a PATH.</summary>
    public string Folder => folder;

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
