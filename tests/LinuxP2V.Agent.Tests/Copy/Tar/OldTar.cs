namespace LinuxP2V.Agent.Tests.Copy.Tar;

/// <summary>A tar that knows no more options than GNU tar 1.23 did: the real one behind a script that refuses the rest.</summary>
internal sealed class OldTar : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("p2v-tar-").FullName;

    public OldTar()
    {
        File.WriteAllText(
            Path.Combine(folder, "tar"),
            $$"""
            #!/bin/sh
            for word do
              case $word in
                --acls|--xattrs*|--selinux|--sort*|--verbatim-files-from)
                  echo "$word" >> {{folder}}/refused
                  echo "tar: unrecognized option '$word'" >&2; exit 64 ;;
                --version) echo 'tar (GNU tar) 1.23'; exit ;;
              esac
            done
            exec {{folder}}/real "$@"
            """
        );
        Shell.Run("cp /bin/tar real; chmod 755 tar real", folder);
    }

    /// <summary>For a server's replaced tools.</summary>
    public string Mount => $"mount --bind {folder}/tar /bin/tar";

    public bool WasRefused(string option) => File.ReadAllLines(Path.Combine(folder, "refused")).Contains(option);

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
