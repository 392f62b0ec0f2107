namespace Sluice;

/// <summary>The folder that <c>data</c> names, taken by one server at a time: two would write the same journal.</summary>
/// <remarks>Taken by a lock on a file in it, which the system gives back when the process ends, however it ends. A folder that cannot be written is no reason not to start: the journal tells of it.</remarks>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "server.lock";

    /// <summary>EAGAIN, which is how the runtime tells that somebody else holds the lock.</summary>
    private const int HeldBySomebody = 11;

    private readonly FileStream? _lock;

    private DataFolder(FileStream? taken) => _lock = taken;

    /// <exception cref="IOException">Another server has it.</exception>
    public static DataFolder Take(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            return new DataFolder(new FileStream(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error) when (error.HResult == HeldBySomebody)
        {
            throw new IOException($"data: another server uses {Path.GetFullPath(path)}; give each its own folder (--set data=FOLDER)", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new DataFolder(null);
        }
    }

    public void Dispose() => _lock?.Dispose();
}
