using System.Text;
using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// All access to the files of the state folder. Each operation bears a file that is in use or denied for a moment, and
/// what stays refused becomes a StateNotAccessible with cause and remedy.
/// </summary>
internal class StateFiles(TimeSpan timeout)
{
    private const string Remedy =
        $"Mend that, or choose another state folder with the environment variable {StateFolder.OverrideVariable}.";

    private readonly FileRetry retry = new(timeout);

    public void CreateFolder(string path) => Run(path, "make the state folder", () => PrivateFolder.Create(path));

    /// <summary>Makes a folder that is ours alone. One that is there, as an older version left it, is closed to others.</summary>
    public void CreateOwnFolder(string path) =>
        Run(
            path,
            "make the state folder",
            () =>
            {
                PrivateFolder.Create(path);
                PrivateFolder.Close(path);
            }
        );

    /// <param name="pattern">As *.json.</param>
    /// <returns>On Windows with their times and lengths, which came with their names.</returns>
    public IReadOnlyList<FileInfo> List(string folder, string pattern) =>
        Run(folder, "list the state folder", () => new DirectoryInfo(folder).GetFiles(pattern));

    /// <summary>Replaces the file whole, so that a reader or a crash never meets half of it.</summary>
    public void Write(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Run(path, "write the state file", () => WriteNew(temporary, write));
            Run(path, "write the state file", () => Replace(temporary, path));
        }
        catch (P2VException)
        {
            TemporaryFile.TryDelete(temporary);
            throw;
        }
    }

    public void Write(string path, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Write(path, stream => stream.Write(bytes, 0, bytes.Length));
    }

    /// <returns>Null when the file is not there.</returns>
    public T? Read<T>(string path, Func<FileStream, T?> read)
        where T : class =>
        Run(
            path,
            "read the state file",
            () =>
            {
                if (!File.Exists(path))
                {
                    return null;
                }

                try
                {
                    using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                    return read(stream);
                }
                catch (FileNotFoundException)
                {
                    return null;
                }
            }
        );

    public string? ReadText(string path) => Read(path, stream => new StreamReader(stream).ReadToEnd());

    public FileStream OpenToAppend(string path, FileShare share) =>
        Run(path, "write the state file", () => PrivateFile.Open(path, FileMode.Append, FileAccess.Write, share));

    /// <summary>Not repeated once it has begun to write: a part would be there twice.</summary>
    public void Append(string path, byte[] bytes)
    {
        using var stream = OpenToAppend(path, FileShare.ReadWrite | FileShare.Delete);
        Convert(
            path,
            "write the state file",
            () =>
            {
                stream.Write(bytes, 0, bytes.Length);
                stream.Flush();
                return true;
            }
        );
    }

    /// <summary>Holds the file until it is disposed.</summary>
    /// <returns>Null while somebody else holds it.</returns>
    public FileStream? TryLock(string path) =>
        Run(
            path,
            "lock the state file",
            () =>
            {
                try
                {
                    return PrivateFile.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                }
                catch (IOException exception) when (FileFailure.IsInUse(exception))
                {
                    return null;
                }
            }
        );

    /// <summary>Looks without taking: a reader's open is refused while a holder's exclusive one stands.</summary>
    public virtual bool IsLocked(string path) =>
        Run(
            path,
            "look at the state file",
            () =>
            {
                if (!File.Exists(path))
                {
                    return false;
                }

                try
                {
                    using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                    return false;
                }
                catch (FileNotFoundException)
                {
                    return false;
                }
                catch (IOException exception) when (FileFailure.IsInUse(exception))
                {
                    return true;
                }
            }
        );

    /// <summary>One that is not there is as good as deleted.</summary>
    public void Delete(string path) => Run(path, "delete the state file", () => File.Delete(path));

    /// <summary>Takes the place of a file that may be there.</summary>
    public void Move(string path, string target) => Run(path, "move the state file", () => Replace(path, target));

    private static void WriteNew(string path, Action<Stream> write)
    {
        using var stream = PrivateFile.Open(path, FileMode.Create, FileAccess.Write, FileShare.None);
        write(stream);
        stream.Flush(flushToDisk: true);
    }

    private static void Replace(string path, string target)
    {
        if (File.Exists(target))
        {
            try
            {
                File.Replace(path, target, null);
                return;
            }
            catch (FileNotFoundException) when (File.Exists(path))
            {
                // Somebody took the target away in between, as a driver does with a request: its place is free.
            }
        }

        File.Move(path, target);
    }

    private void Run(string path, string action, Action operation) =>
        Run(
            path,
            action,
            () =>
            {
                operation();
                return true;
            }
        );

    private T Run<T>(string path, string action, Func<T> operation) => Convert(path, action, () => retry.Run(operation));

    private static T Convert<T>(string path, string action, Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (Exception exception) when (FileFailure.IsRefusal(exception))
        {
            throw FileFailure.ToError(exception, ErrorIds.StateNotAccessible, path, action, Remedy);
        }
    }
}
